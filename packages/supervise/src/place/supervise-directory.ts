import { mkdirSync, readlinkSync } from "node:fs";

import { errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";

import { isSupervised } from "../fifo/client-end.ts";
import { type LockFile, openLockFile } from "../files/lock-file.ts";
import { makePlaces } from "./places.ts";

const mode = 0o700;

/** Length from which on runit refuses the text of a `supervise` link. */
const linkLimit = 256;

/** Why a directory cannot be made that somebody else could, or that could be made elsewhere. */
const forbidden: ReadonlySet<number> = new Set([errno.EROFS, errno.EACCES, errno.EPERM]);

/** A supervise directory with its lock, which is open but not yet taken. */
export interface SuperviseDirectory {
  readonly path: string;
  /** What messages call it: `supervise`, `log/supervise`, or its path where it is not in the service directory. */
  readonly name: string;
  readonly lock: LockFile;
}

/**
 * Makes and opens the supervise directory of a service: the one in its directory, or where that cannot be written to
 * one that stands for it. See docs/supervise-directory.md.
 *
 * It stays where it is when somebody supervises there already, and when there is a directory that we may not enter:
 * it is somebody else's, who may supervise as well.
 *
 * @param base the service directory, as a path prefix. @param label empty, or `log/`. Throws {@link SystemError}, which
 * tells of the service directory, and what to do, where no place is to be had.
 */
export function openSuperviseDirectory(base: string, label: "" | "log/"): SuperviseDirectory {
  const name = `${label}supervise`;
  const path = `${base}/supervise`;
  const made = makeSuperviseDirectory(base, `./${name}`);
  try {
    return { path, name, lock: openLockFile(`${path}/lock`, `${name}/lock`) };
  } catch (error) {
    const isReadOnly = errnoOf(error) === errno.EROFS && !isTaken(path);
    const isMissing = errnoOf(error) === errno.ENOENT && forbidden.has(made);
    if (!isReadOnly && !isMissing) throw error;
    const elsewhere = openElsewhere(base);
    if (elsewhere !== null) return elsewhere;
    throw isMissing ? new NoPlace(`make ./${name}`, made) : new NoPlace(`open ${name}/lock`, errno.EROFS);
  }
}

/** No place for the state of a service; says where there could be one. */
class NoPlace extends SystemError {
  constructor(what: string, reason: number) {
    super(what, reason);
    this.message += "; mount a tmpfs on /run, or set UPKEEP_RUNDIR to a directory that can be written to";
  }
}

function openElsewhere(base: string): SuperviseDirectory | null {
  for (const place of makePlaces(base)) {
    const path = `${place}/supervise`;
    try {
      makeSuperviseDirectory(place, path);
      return { path, name: path, lock: openLockFile(`${path}/lock`, `${path}/lock`) };
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
    }
  }
  return null;
}

function isTaken(path: string): boolean {
  try {
    return isSupervised(`${path}/ok`, "supervise/ok");
  } catch {
    return false;
  }
}

/**
 * Makes the `supervise` directory of a service (0700) unless it is there. Where it is a link to
 * nowhere, the link's target is made, one level of it; that is how state is kept on another, writable
 * file system. Whatever still is in the way shows when the lock is opened.
 *
 * @param base the directory that holds (or is to hold) `supervise`, as a path prefix.
 * @param name how messages call it: `./supervise` or `./log/supervise`. Throws {@link SystemError}.
 * @returns why it could not be made, as an errno; 0 when it is made, or was there.
 */
export function makeSuperviseDirectory(base: string, name: string): number {
  const path = `${base}/supervise`;
  const failed = tryMkdir(path);
  if (failed === 0) return 0;
  let target: string;
  try {
    target = readlinkSync(path);
  } catch (error) {
    if (errnoOf(error) === errno.EINVAL) return 0;
    if (errnoOf(error) === errno.ENOENT) return failed;
    throw SystemError.from(`readlink ${name}`, error);
  }
  if (Buffer.byteLength(target) >= linkLimit) throw new NameTooLong(name);
  return tryMkdir(target.startsWith("/") ? target : `${base}/${target}`);
}

/** runit's own words for this case, which are not those of ENAMETOOLONG. */
class NameTooLong extends SystemError {
  constructor(name: string) {
    super(`readlink ${name}`, errno.ENAMETOOLONG);
    this.message = `unable to readlink ${name}: name too long`;
  }
}

function tryMkdir(path: string): number {
  try {
    mkdirSync(path, mode);
    return 0;
  } catch (error) {
    return errnoOf(error);
  }
}
