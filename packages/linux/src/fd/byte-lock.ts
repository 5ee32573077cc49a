import { Buffer } from "node:buffer";

import { libc } from "#libc";

import { errno, SystemError } from "../core/errno.ts";

/** An exclusive lock on one byte of a file. It belongs to the open file: closing its last descriptor gives it back. */
export interface ByteLock {
  /** Never blocks. False: somebody else holds it. Throws {@link SystemError}. */
  tryLock(): boolean;
  /** Throws {@link SystemError}. */
  unlock(): void;
}

const F_OFD_SETLK = 37;
const F_WRLCK = 1;
const F_UNLCK = 2;
/** The size of struct flock, with 64-bit offsets. */
const recordSize = 32;

/**
 * Makes a lock on the byte at `offset` (fcntl F_OFD_SETLK), below 2^63. There need be no such byte, so one empty file has
 * as many locks as anybody wants. Takes a little memory for good. Throws {@link SystemError} ENOMEM.
 *
 * @param fd must be open for writing. It stays the caller's.
 */
export function createByteLock(fd: number, offset: bigint): ByteLock {
  const [lock, unlock] = [recordAt(F_WRLCK, offset), recordAt(F_UNLCK, offset)];
  return {
    tryLock: () => {
      if (libc.fcntl(fd, F_OFD_SETLK, lock) === 0) return true;
      const number = libc.errno();
      if (number === errno.EAGAIN || number === errno.EACCES) return false;
      throw new SystemError(`lock descriptor ${fd}`, number);
    },
    unlock: () => {
      if (libc.fcntl(fd, F_OFD_SETLK, unlock) === -1) throw new SystemError(`unlock descriptor ${fd}`, libc.errno());
    },
  };
}

/** Address of a struct flock in memory that C owns: the variadic fcntl gets integers only. */
function recordAt(type: number, offset: bigint): number {
  const record = Buffer.alloc(recordSize);
  record.writeInt16LE(type, 0);
  record.writeBigInt64LE(offset, 8);
  record.writeBigInt64LE(1n, 16);
  const address = libc.malloc(recordSize);
  if (address === 0) throw new SystemError("allocate memory", errno.ENOMEM);
  libc.memcpy(address, record, recordSize);
  return address;
}
