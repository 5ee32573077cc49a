import fs, { mkdirSync, readFileSync, readlinkSync, rmdirSync, unlinkSync } from "node:fs";

import { longestTimer } from "@upkeep/program/loop/timer";
import { openLockFile } from "@upkeep/supervise/files/lock-file";
import { makePlaces } from "@upkeep/supervise/place/places";
import { replaceFile } from "@upkeep/supervise/files/replace-file";
import { errno, errnoOf } from "@upkeep/linux/core/errno";
import { processInfo } from "@upkeep/linux/process/process-info";
import type { lockSync as LockSync } from "proper-lockfile";

import { decodeHolder, encodeHolder, isAlive, type Holder } from "../core/holder.ts";

/** Where the files of the guard are, in the scan directory; every runsvdir passes over dot entries. */
const guardDirectory = ".runsvdir";

/** What came of an attempt to take a scan directory. */
export type Taken =
  | { readonly kind: "held" }
  /** Another runsvdir supervises it. */
  | { readonly kind: "refused"; readonly pid: number }
  /** Somebody else is just taking it: ask again. */
  | { readonly kind: "busy" };

/** Keeps a second runsvdir off a scan directory. */
export interface Guard {
  /** Loads what {@link Guard.take} needs. */
  prepare(): Promise<void>;
  /** Takes the scan directory at `path`, which must mean the same directory until the release. */
  take(path: string): Taken;
  /** Gives it back, if it is held. */
  release(): void;
}

const unwritable: ReadonlySet<number> = new Set([errno.EROFS, errno.EACCES, errno.EPERM]);

/** How often the lock's heartbeat comes, in ms: hardly ever. It need not prove that we live, the record does. */
const stale = longestTimer;

/**
 * Makes a guard. The lock's own staleness is no help to us: it would make a killed runsvdir's successor
 * wait, or a stopped machine's runsvdir lose the lock. So a record tells who holds it, and whoever finds
 * that process gone takes over at once; a flock makes sure that this is one only.
 */
export function createGuard(): Guard {
  let lockSync: typeof LockSync | null = null;
  let release: (() => void) | null = null;

  const takeIn = (path: string, home: string): Taken => {
    const base = `${home}/${guardDirectory}`;
    makeDirectory(base);
    const gate = openLockFile(`${base}/gate`, `${guardDirectory}/gate`);
    try {
      if (!gate.tryLock()) return { kind: "busy" };
      const own = describeSelf();
      const holder = readHolder(`${base}/holder.json`);
      if (holder !== null && isAlive(holder, own, startTicksOf)) return { kind: "refused", pid: holder.pid };
      if (lockSync === null) throw new Error("internal error: guard not prepared");
      const lockfilePath = `${base}/lock`;
      removeDirectory(lockfilePath);
      // Losing the lock must not end us; the record still names us.
      const unlock = lockSync(path, { lockfilePath, realpath: false, stale, fs, onCompromised: () => {} });
      replaceFile(`${base}/holder.json`, `${guardDirectory}/holder.json`, encodeHolder(own));
      release = () => {
        quietly(unlock);
        // Last, for until then nobody else takes the lock.
        quietly(() => unlinkSync(`${base}/holder.json`));
      };
      return { kind: "held" };
    } finally {
      gate.close();
    }
  };

  const take = (path: string): Taken => {
    try {
      return takeIn(path, path);
    } catch (error) {
      if (!unwritable.has(errnoOf(error))) throw error;
    }
    // A scan directory that cannot be written to has its record where its services have their state.
    for (const place of makePlaces(path)) return takeIn(path, place);
    return { kind: "held" };
  };

  return {
    prepare: async () => {
      ({ lockSync } = await import("proper-lockfile"));
    },
    take: (path) => {
      try {
        return take(path);
      } catch (error) {
        if ((error as { readonly code?: unknown }).code === "ELOCKED") return { kind: "busy" };
        if (errnoOf(error) === 0) throw error;
        // One for which no record can be written is supervised all the same, as in runit.
        return { kind: "held" };
      }
    },
    release: () => {
      release?.();
      release = null;
    },
  };
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, 0o755);
  } catch (error) {
    if (errnoOf(error) !== errno.EEXIST) throw error;
  }
}

function removeDirectory(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (errnoOf(error) !== errno.ENOENT) throw error;
  }
}

function readHolder(path: string): Holder | null {
  try {
    return decodeHolder(readFileSync(path, "utf8"));
  } catch (error) {
    if (errnoOf(error) === errno.ENOENT) return null;
    throw error;
  }
}

function startTicksOf(pid: number): number | null {
  const found = processInfo(pid);
  // A zombie supervises nothing.
  return found === null || found.state === "Z" ? null : found.startTicks;
}

function describeSelf(): Holder {
  return {
    pid: process.pid,
    startTicks: processInfo("self")?.startTicks ?? 0,
    bootId: readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim(),
    pidNamespace: readlinkSync("/proc/self/ns/pid"),
  };
}

function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // Gone already, or not ours to remove any more.
  }
}
