import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";

import { attempt, errno, SystemError } from "@upkeep/linux/core/errno";
import { openRegular } from "@upkeep/linux/fd/files";
import { tryLockFor } from "@upkeep/linux/fd/lock";

import { isLoggedIn, loggedOut, logoutRecord, recordSize } from "./core/record.ts";

const { O_APPEND, O_CREAT, O_NONBLOCK, O_RDWR, O_WRONLY } = constants;

/**
 * Milliseconds for which a lock is waited for. Anybody who may read the file may lock it, for ever if he likes. Then the
 * record is written without.
 */
const lockPatience = 5000;

/** Bytes: more than 40,000 terminals. A file that goes on behind that is none that a login has written. */
const mostBytes = 16 * 2 ** 20;

/**
 * Marks the first record of a user logged in at `line` as ended, under the lock of the file.
 *
 * @param onLocked called if somebody else does not give the lock back.
 * @returns false if there is none. Throws SystemError when the file cannot be opened, locked or changed.
 */
export function logoutInUtmp(path: string, line: Uint8Array, seconds: number, onLocked: () => void): boolean {
  const fd = attempt(`open ${path}`, () => openRegular(path, O_RDWR));
  try {
    if (!attempt(`lock: ${path}`, () => tryLockFor(fd, lockPatience))) onLocked();
    if (fstatSync(fd).size > mostBytes) throw new SystemError(`read ${path}`, errno.EFBIG);
    const record = new Uint8Array(recordSize);
    for (
      let at = 0;
      at < mostBytes && attempt(`read ${path}`, () => readSync(fd, record, 0, recordSize, at)) === recordSize;
      at += recordSize
    ) {
      if (!isLoggedIn(record, line)) continue;
      attempt(`write ${path}`, () => writeWhole(fd, loggedOut(record, seconds), at));
      return true;
    }
    return false;
  } finally {
    closeSync(fd);
  }
}

/** Adds a record of the logout at the end of the file, completely or not at all. Throws SystemError. */
export function logoutInWtmp(path: string, line: Uint8Array, seconds: number, onLocked: () => void): void {
  const fd = attempt(`open ${path}`, () => openSync(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK, 0o600));
  try {
    if (!attempt(`lock ${path}`, () => tryLockFor(fd, lockPatience))) onLocked();
    const { size } = fstatSync(fd);
    try {
      writeWhole(fd, logoutRecord(line, seconds), null);
    } catch (error) {
      // Half a record would shift all later ones.
      attempt(`truncate ${path}`, () => ftruncateSync(fd, size));
      throw error;
    }
  } finally {
    closeSync(fd);
  }
}

function writeWhole(fd: number, record: Uint8Array, at: number | null): void {
  if (writeSync(fd, record, 0, record.length, at) !== record.length) throw new SystemError("write", errno.ENOSPC);
}
