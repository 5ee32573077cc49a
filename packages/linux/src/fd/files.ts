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

// Anything may stand where a file is expected. Opening a FIFO waits for its other side, unless it is opened non-blocking:
// then a FIFO without a writer is empty, and reading one with a writer fails with EAGAIN.

/** Opens a file for reading while `use` works, without waiting. Throws as node:fs does. */
export function withFile<Result>(path: PathLike, use: (fd: number) => Result): Result {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

/** Reads a whole file without waiting. Throws as node:fs does. */
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

/** The target of a symbolic link; null where there is none, or it cannot be read. */
export function readLinkOrNull(path: PathLike): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/** Whether the path leads to something, through links as well; false also where we may not look. */
export function isThere(path: PathLike): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** Removes a file if that is possible. */
export function removeQuietly(path: PathLike): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone already, or stays.
  }
}
