import { lstatSync, mkdirSync, readlinkSync } from "node:fs";

import { errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";

import { whyNoFifos } from "../fifo/fifo-support.ts";

import { isSupervised } from "../fifo/client-end.ts";
import { type LockFile, openLockFile } from "../files/lock-file.ts";
import { makePlaces } from "./places.ts";

const mode = 0o700;

/** runit refuses a `supervise` link whose text has this length or more. */
const linkLimit = 256;

/** Errors after which a directory may be made by another user, or elsewhere. */
const forbidden: ReadonlySet<number> = new Set([errno.EROFS, errno.EACCES, errno.EPERM]);

/** A supervise directory with its lock, which is open but not yet taken. */
export interface SuperviseDirectory {
  readonly path: string;
  /** What messages call it: `supervise`, `log/supervise`, or its path where it is not in the service directory. */
  readonly name: string;
  /** Whether it is not in the service directory. */
  readonly isElsewhere: boolean;
  readonly lock: LockFile;
}

/**
 * Makes and opens the supervise directory of a service: the one in its directory or, where that cannot be written to or
 * cannot hold FIFOs, one that stands for it. See docs/supervise-directory.md.
 *
 * The one in the service directory is used also when it is supervised already, or when we may not enter it: then another
 * user may supervise there.
 *
 * @param base the service directory, as a path prefix. @param label empty, or `log/`. Throws
 * {@link SystemError}; where there is no place at all, the error says so of the service directory, and what to do.
 */
export function openSuperviseDirectory(base: string, label: "" | "log/"): SuperviseDirectory {
  const name = `${label}supervise`;
  const path = `${base}/supervise`;
  const made = makeSuperviseDirectory(base, `./${name}`);
  try {
    const lock = openLockFile(`${path}/lock`, `${name}/lock`);
    const reason = whyNoFifos(path);
    if (reason === 0) return { path, name, isElsewhere: false, lock };
    lock.close();
    const elsewhere = openElsewhere(base);
    if (elsewhere !== null) return elsewhere;
    throw new NoPlace(`create ${name}/ok`, reason);
  } catch (error) {
    if (error instanceof NoPlace) throw error;
    const isReadOnly = errnoOf(error) === errno.EROFS && !isTaken(path);
    const isMissing = errnoOf(error) === errno.ENOENT && forbidden.has(made);
    if (!isReadOnly && !isMissing) throw error;
    const elsewhere = openElsewhere(base);
    if (elsewhere !== null) return elsewhere;
    throw isMissing ? new NoPlace(`make ./${name}`, made) : new NoPlace(`open ${name}/lock`, errno.EROFS);
  }
}

/** There is no place for the state of a service. The message says where there could be one. */
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
      const lock = openLockFile(`${path}/lock`, `${path}/lock`);
      if (whyNoFifos(path) === 0) return { path, name: path, isElsewhere: true, lock };
      lock.close();
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
 * Makes the `supervise` directory of a service (0700) unless it is there. For a dangling link it makes the link's target,
 * one level of it: so operators keep state on another, writable file system. What else is wrong shows when the lock is
 * opened.
 *
 * @param base the directory that holds (or is to hold) `supervise`, as a path prefix.
 * @param name how messages call it: `./supervise` or `./log/supervise`. Throws {@link SystemError}.
 * @returns why it could not be made, as an errno; 0 when it is made, or was there.
 */
export function makeSuperviseDirectory(base: string, name: string): number {
  const path = `${base}/supervise`;
  // An exception costs more than this question.
  if (isDirectory(path)) return 0;
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

/** runit has its own words for this case, not those of ENAMETOOLONG. */
class NameTooLong extends SystemError {
  constructor(name: string) {
    super(`readlink ${name}`, errno.ENAMETOOLONG);
    this.message = `unable to readlink ${name}: name too long`;
  }
}

function isDirectory(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
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
