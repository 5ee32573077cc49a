import { Buffer } from "node:buffer";
import { closeSync, constants, readSync, writeSync } from "node:fs";

import { libc } from "#libc";

import { cString } from "../ffi/c-string.ts";
import { pathOfName } from "../core/name-text.ts";
import { errno, SystemError } from "../core/errno.ts";

// openat(2) and its kin take an open directory, and the path from there. node:fs does not have them. It would take a path
// through /proc/self/fd, for which the kernel works twice as long. Nor do they throw where nothing is wrong.

const O_CLOEXEC = 0o2000000;
const { F_OK, R_OK, O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** Stands for the working directory. A path that begins with a slash goes with any directory. */
export const AT_FDCWD = -100;

/** A path as the kernel takes it. Whoever has a file of the same name in many directories makes it once for all. */
export type PathBytes = Uint8Array;

export function pathBytes(path: string): PathBytes {
  return cString(pathOfName(path));
}

/** As `openFresh` of files.ts. Throws a {@link SystemError} that says it was unable to do `operation`. */
export function openFreshAt(directory: number, path: PathBytes, operation: string, mode: number): number {
  const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const fd = libc.openat(directory, path, flags, mode);
  if (fd !== -1) return fd;
  const failed = libc.errno();
  if (failed !== errno.EEXIST) throw new SystemError(operation, failed);
  if (libc.unlinkat(directory, path, 0) === -1) throw new SystemError(operation, libc.errno());
  const again = libc.openat(directory, path, flags, mode);
  if (again === -1) throw new SystemError(operation, libc.errno());
  return again;
}

/** Renames a file within its file system (renameat(2)). Throws as {@link openFreshAt}. */
export function renameAt(directory: number, from: PathBytes, to: PathBytes, operation: string): void {
  if (libc.renameat(directory, from, directory, to) === -1) throw new SystemError(operation, libc.errno());
}

/** Whether the path leads to something, through links as well; false also where we may not look. */
export function isThereAt(directory: number, path: PathBytes): boolean {
  return libc.faccessat(directory, path, F_OK, 0) === 0;
}

/** Whether the path leads to something that we may read. */
export function mayReadAt(directory: number, path: PathBytes): boolean {
  return libc.faccessat(directory, path, R_OK, 0) === 0;
}

/** Room for most texts. */
const room = Buffer.allocUnsafeSlow(8192);

/**
 * Writes a text (UTF-8) or bytes as a whole. Throws a {@link SystemError} that says it was unable to do `operation`: ENOSPC
 * where there was room for a part.
 */
export function writeWhole(fd: number, content: Uint8Array | string, operation: string): void {
  const bytes = typeof content === "string" ? bytesOf(content) : content;
  if (bytes.length === 0) return;
  let written: number;
  try {
    written = writeSync(fd, bytes, 0, bytes.length);
  } catch (error) {
    throw SystemError.from(operation, error);
  }
  if (written !== bytes.length) throw new SystemError(operation, errno.ENOSPC);
}

/** The bytes are valid until the next call. */
function bytesOf(text: string): Uint8Array {
  return text.length * 3 > room.length ? Buffer.from(text) : room.subarray(0, room.write(text));
}

/**
 * The bytes of a small regular file that is replaced as a whole; null where there is none, or it cannot be read, or it has
 * 8 KiB or more. No link is followed. They are valid until the next call.
 */
export function readAt(directory: number, path: PathBytes): Buffer | null {
  const fd = libc.openat(directory, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC, 0);
  if (fd === -1) return null;
  try {
    // With a position, what has none refuses: FIFOs, terminals, sockets.
    const length = readSync(fd, room, 0, room.length, 0);
    return length === room.length ? null : room.subarray(0, length);
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}
