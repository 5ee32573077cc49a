import { mkdirSync } from "node:fs";

import { errno, errnoOf } from "@upkeep/linux/core/errno";
import { removeQuietly } from "@upkeep/linux/fd/files";
import { encodeHolder } from "@upkeep/supervise/core/holder";
import { describeSelf, livingHolder } from "@upkeep/supervise/files/holder-file";
import { openLockFile } from "@upkeep/supervise/files/lock-file";
import { replaceFile } from "@upkeep/supervise/files/replace-file";
import { makePlaces } from "@upkeep/supervise/place/places";

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
  /** Takes the scan directory at `path`, which must mean the same directory until the release. */
  take(path: string): Taken;
  /** Gives it back, if it is held. */
  release(): void;
}

type Release = () => void;

const unwritable: ReadonlySet<number> = new Set([errno.EROFS, errno.EACCES, errno.EPERM]);

/**
 * Makes a guard: a record of who supervises the directory. Whoever finds that process gone takes over.
 *
 * A library for locks would tell a dead holder by the age of the lock: the successor of a killed runsvdir would have to
 * wait, and a suspended machine would lose its lock. And it would take a megabyte for as long as we live.
 *
 * @param onTaken told of the directory with the record, which is valid until `onGiven` is called.
 */
export function createGuard(onTaken: (directory: string) => void = () => {}, onGiven: () => void = () => {}): Guard {
  let release: Release | null = null;
  return {
    take: (path) => {
      const taken = takeAnywhere(path, onTaken);
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
function takeAnywhere(path: string, onTaken: (directory: string) => void): Taken | Release {
  for (const home of homesOf(path)) {
    try {
      const base = `${home}/${guardDirectory}`;
      const taken = takeIn(base);
      if (typeof taken === "function") onTaken(base);
      return taken;
    } catch (error) {
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

function takeIn(base: string): Taken | Release {
  makeDirectory(base);
  // Only one at a time finds out whether the holder lives. The kernel unlocks the gate of a process that is killed.
  const gate = openLockFile(`${base}/gate`, `${guardDirectory}/gate`);
  try {
    if (!gate.tryLock()) return { kind: "busy" };
    const own = describeSelf();
    const holder = livingHolder(`${base}/holder.json`, own);
    if (holder !== null) return { kind: "refused", pid: holder.pid };
    replaceFile(`${base}/holder.json`, `${guardDirectory}/holder.json`, encodeHolder(own));
    return () => removeQuietly(`${base}/holder.json`);
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
