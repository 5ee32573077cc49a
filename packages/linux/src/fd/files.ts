import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  statSync,
  unlinkSync,
  type PathLike,
} from "node:fs";

// Where a file is expected anything may stand. To open a FIFO would be to wait for its other side; non-blocking it
// holds nobody up: one that nobody writes to is empty, reading one that somebody has open fails with EAGAIN.

/** Opens what is there for reading, without waiting, for as long as `use` takes. Throws as node:fs does. */
export function withFile<Result>(path: PathLike, use: (fd: number) => Result): Result {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

/** All bytes of a file, without waiting for any. Throws as node:fs does. */
export function readWithoutWaiting(path: PathLike): Buffer {
  return withFile(path, (fd) => readFileSync(fd));
}

/**
 * The text of a small file, read without waiting; null where there is none, or it cannot be read.
 *
 * @param owner uid that the file must belong to; null: any.
 */
export function readTextOrNull(path: PathLike, owner: number | null = null): string | null {
  try {
    return withFile(path, (fd) => (owner !== null && fstatSync(fd).uid !== owner ? null : readFileSync(fd, "utf8")));
  } catch {
    return null;
  }
}

/** What a symbolic link says; null where there is none, or it cannot be read. */
export function readLinkOrNull(path: PathLike): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/** Whether something is there that links lead to; false also where we may not look. */
export function isThere(path: PathLike): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** Removes a file that need not be there, or whose removal may be left to others. */
export function removeQuietly(path: PathLike): void {
  try {
    unlinkSync(path);
  } catch {
    // As good as gone.
  }
}
