import { constants } from "node:fs";

import { libc } from "#libc";

import { cString } from "../ffi/c-string.ts";
import { pathOfName } from "../core/name-text.ts";
import { errno, SystemError } from "../core/errno.ts";

// openat(2) and its kin take an open directory, and the path from there. node:fs does not have them. It would take a path
// through /proc/self/fd, for which the kernel works twice as long.

const O_CLOEXEC = 0o2000000;
const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/** Stands for the working directory. A path that begins with a slash goes with any directory. */
export const AT_FDCWD = -100;

/** A file, by an open directory and the path from there. */
export interface Location {
  readonly directory: number;
  readonly path: string;
}

/** Opens a file (openat(2)). Throws a {@link SystemError} that says it was unable to do `operation`. */
function openAt({ directory, path }: Location, flags: number, operation: string, mode = 0): number {
  const fd = libc.openat(directory, cPath(path), flags | O_CLOEXEC, mode);
  if (fd === -1) throw new SystemError(operation, libc.errno());
  return fd;
}

/** As `openFresh` of files.ts. */
export function openFreshAt(location: Location, operation: string, mode: number): number {
  const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  try {
    return openAt(location, flags, operation, mode);
  } catch (error) {
    if (!(error instanceof SystemError) || error.errno !== errno.EEXIST) throw error;
    if (libc.unlinkat(location.directory, cPath(location.path), 0) === -1)
      throw new SystemError(operation, libc.errno());
    return openAt(location, flags, operation, mode);
  }
}

/** Renames a file within its file system (renameat(2)). Throws as {@link openAt}. */
export function renameAt({ directory, path }: Location, to: string, operation: string): void {
  if (libc.renameat(directory, cPath(path), directory, cPath(to)) === -1)
    throw new SystemError(operation, libc.errno());
}

function cPath(path: string): Uint8Array {
  return cString(pathOfName(path));
}
