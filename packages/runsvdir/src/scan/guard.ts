import fs, { mkdirSync, readFileSync, readlinkSync, rmdirSync } from "node:fs";

import { longestTimer } from "@upkeep/linux/time/timer";
import { attemptUnlessAbsent, errno, errnoOf } from "@upkeep/linux/core/errno";
import { readFile, removeQuietly } from "@upkeep/linux/fd/files";
import { processInfo } from "@upkeep/linux/process/process-info";
import { openLockFile } from "@upkeep/supervise/files/lock-file";
import { replaceFile } from "@upkeep/supervise/files/replace-file";
import { makePlaces } from "@upkeep/supervise/place/places";
import type { lockSync } from "proper-lockfile";

import { decodeHolder, encodeHolder, isAlive, type Holder } from "../core/holder.ts";

/** Where the files of the guard are, in the scan directory; every runsvdir passes over dot entries. */
const guardDirectory = ".runsvdir";

/** What came of an attempt to take a scan directory. */
export type Taken =
  | { readonly kind: "held" }
  /** Another runsvdir supervises it. */
  | { readonly kind: "refused"; readonly pid: number }
  /** Another runsvdir is about to take it: ask again. */
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

type Lock = typeof lockSync;
type Release = () => void;

const unwritable: ReadonlySet<number> = new Set([errno.EROFS, errno.EACCES, errno.EPERM]);

/**
 * Makes a guard: a lock that is held for life, and a record of who holds it. Whoever finds that process gone takes over.
 *
 * The library makes the lock, and removes it at every exit. Its own test for a dead holder, by the age of the lock, is of
 * no use here: the successor of a killed runsvdir would have to wait, and a suspended machine would lose its lock.
 *
 * @param onTaken told of the directory with the record, which is valid until `onGiven` is called.
 */
export function createGuard(onTaken: (directory: string) => void = () => {}, onGiven: () => void = () => {}): Guard {
  let lock: Lock | null = null;
  let release: Release | null = null;
  return {
    prepare: async () => {
      lock = (await import("proper-lockfile")).lockSync;
    },
    take: (path) => {
      if (lock === null) throw new Error("internal error: guard not prepared");
      const taken = takeAnywhere(path, lock, onTaken);
      if (typeof taken !== "function") return taken;
      release = taken;
      return { kind: "held" };
    },
    release: () => {
      if (release !== null) onGiven();
      release?.();
      release = null;
    },
  };
}

/** Where no record can be written, the directory is supervised without one, as in runit. */
function takeAnywhere(path: string, lock: Lock, onTaken: (directory: string) => void): Taken | Release {
  for (const home of homesOf(path)) {
    try {
      const base = `${home}/${guardDirectory}`;
      const taken = takeIn(path, base, lock);
      if (typeof taken === "function") onTaken(base);
      return taken;
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === "ELOCKED") return { kind: "busy" };
      if (errnoOf(error) === 0) throw error;
      if (!unwritable.has(errnoOf(error))) break;
    }
  }
  return { kind: "held" };
}

/** A scan directory that cannot be written to has its record where its services have their state. */
function* homesOf(path: string): Generator<string, void, void> {
  yield path;
  yield* makePlaces(path);
}

function takeIn(path: string, base: string, lock: Lock): Taken | Release {
  makeDirectory(base);
  // Only one at a time finds out whether the holder lives. The kernel unlocks the gate of a process that is killed.
  const gate = openLockFile(`${base}/gate`, `${guardDirectory}/gate`);
  try {
    if (!gate.tryLock()) return { kind: "busy" };
    const own = describeSelf();
    const holder = readHolder(`${base}/holder.json`);
    if (holder !== null && isAlive(holder, own, startTicksOf)) return { kind: "refused", pid: holder.pid };
    const lockfilePath = `${base}/lock`;
    attemptUnlessAbsent(`remove ${guardDirectory}/lock`, () => rmdirSync(lockfilePath));
    // A lock that is lost must not end us: the record still names us. So its heartbeat hardly ever comes.
    const unlock = lock(path, { lockfilePath, realpath: false, stale: longestTimer, fs, onCompromised: () => {} });
    replaceFile(`${base}/holder.json`, `${guardDirectory}/holder.json`, encodeHolder(own));
    return () => {
      try {
        unlock();
      } catch {
        // It is gone already, or no longer ours.
      }
      // Last: until then no other runsvdir takes the lock.
      removeQuietly(`${base}/holder.json`);
    };
  } finally {
    gate.close();
  }
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, 0o755);
  } catch (error) {
    if (errnoOf(error) !== errno.EEXIST) throw error;
  }
}

function readHolder(path: string): Holder | null {
  try {
    return decodeHolder(readFile(path).toString("utf8"));
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
