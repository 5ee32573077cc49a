import { lstatSync, readdirSync, readFileSync } from "node:fs";

import { libc } from "#libc";

import { errno, SystemError } from "../core/errno.ts";
import { block } from "../time/timer.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

/**
 * Tries to lock the open file exclusively (flock(2), never blocking).
 *
 * @returns false when somebody else holds the lock. Throws {@link SystemError} for anything else.
 */
export function tryLock(fd: number): boolean {
  if (libc.flock(fd, LOCK_EX | LOCK_NB) === 0) return true;
  const number = libc.errno();
  if (number === errno.EWOULDBLOCK) return false;
  throw new SystemError(`lock descriptor ${fd}`, number);
}

/** Locks the open file exclusively, and blocks the whole process until it has the lock. Throws {@link SystemError}. */
export function waitForLock(fd: number): void {
  while (libc.flock(fd, LOCK_EX) === -1) {
    const number = libc.errno();
    // The runtimes send themselves signals.
    if (number !== errno.EINTR) throw new SystemError(`lock descriptor ${fd}`, number);
  }
}

/** Milliseconds between two tries of {@link tryLockFor}. */
const pause = 20;

/** As {@link tryLock}, but waits for somebody else's lock for so many ms. Blocks the whole process meanwhile. */
export function tryLockFor(fd: number, millis: number): boolean {
  for (let left = millis; !tryLock(fd); left -= pause) {
    if (left <= 0) return false;
    block(pause);
  }
  return true;
}

/** Gives the lock back, as closing the descriptor and dying do. Throws {@link SystemError}. */
export function unlock(fd: number): void {
  if (libc.flock(fd, LOCK_UN) === -1) throw new SystemError(`unlock descriptor ${fd}`, libc.errno());
}

/**
 * Whether a process holds a flock(2) lock on a file, as its descriptors say (proc(5), `fdinfo`). False also where they
 * cannot be read.
 *
 * @param path is not followed if it is a link.
 */
export function isLockHolder(pid: number, path: string): boolean {
  try {
    const { ino } = lstatSync(path, { bigint: true });
    const directory = `/proc/${pid}/fdinfo`;
    return readdirSync(directory).some((fd) => findLockHolders(readOpened(`${directory}/${fd}`), ino).includes(pid));
  } catch {
    return false;
  }
}

/**
 * The pids that may hold a flock(2) lock on a file, as /proc/locks says; none where that cannot be read. Whether they do
 * {@link isLockHolder} tells. The kernel shows the list a page at a time, and passes a lock over when another one before it
 * is given back between two pages. So one that is not found is looked for once more.
 *
 * @param path is not followed if it is a link.
 */
export function lockHoldersOf(path: string): readonly number[] {
  const look = (inode: bigint): readonly number[] => findLockHolders(readFileSync("/proc/locks", "latin1"), inode);
  try {
    const { ino } = lstatSync(path, { bigint: true });
    const found = look(ino);
    return found.length > 0 ? found : look(ino);
  } catch {
    return [];
  }
}

/** Empty where the descriptor has been closed meanwhile. */
function readOpened(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/**
 * The pids that hold a flock(2) lock on a file with this inode number, in the text of /proc/locks or about a descriptor.
 * One that inherited the descriptor has the lock of somebody else there. The number of the device is not compared, because
 * some file systems (btrfs, overlayfs) show another one there than stat(2) does.
 */
export function findLockHolders(text: string, inode: bigint): readonly number[] {
  const locks = text.matchAll(/^(?:lock:\s+)?\d+: FLOCK +\S+ +\S+ +(\d+) [\da-f]+:[\da-f]+:(\d+) /gm);
  return [...locks].filter(([, , found]) => found === String(inode)).map(([, pid]) => Number(pid));
}
