import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
  unlinkSync,
  writeFileSync,
  type PathLike,
  type Stats,
} from "node:fs";

import { errno, errnoOf, SystemError } from "../core/errno.ts";

// Somebody else may have put anything where a file is expected: a link to a secret, a FIFO that never ends, a device, a
// file of many gigabytes. All reading of files that we have not written ourselves goes through here.

const { O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** Opens what a path leads to without the right to read it (open(2)). The runtimes have no name for it. */
export const O_PATH = 0o10000000;

/** Bytes: more than any file has that is meant for us. */
const defaultLimit = 65_536;

/** What a file must be like. */
export interface Demands {
  /** Whether the path may be a link. What our programs write is none; what operators write may be. */
  readonly mayBeLink?: boolean;
  /** Whether it may be a FIFO or a device: /dev/null is an empty file. Reading one without a writer does not wait. */
  readonly mayBeAnything?: boolean;
  /** Whether what is found will do. Otherwise it counts as not permitted. */
  readonly accepts?: (found: Stats) => boolean;
  /** The most bytes that it may have. */
  readonly limit?: number;
}

/**
 * Opens a regular file for reading while `use` works, without waiting. Throws as node:fs does, or SystemError: a
 * directory is EISDIR, and what else is no regular file ENOTREG, links included where they may not be.
 */
export function withFile<Result>(
  path: PathLike,
  use: (fd: number, size: number) => Result,
  demands: Demands = {},
): Result {
  const { mayBeLink = false, mayBeAnything = false, accepts } = demands;
  const fd = mayBeLink ? openSync(path, flags) : openUnlessLink(path);
  try {
    const found = fstatSync(fd);
    if (found.isDirectory()) throw new SystemError("read", errno.EISDIR);
    if (!found.isFile() && !mayBeAnything) throw new SystemError("read", errno.ENOTREG);
    if (accepts?.(found) === false) throw new SystemError("read", errno.EPERM);
    return use(fd, found.size);
  } finally {
    closeSync(fd);
  }
}

const flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;

function openUnlessLink(path: PathLike): number {
  try {
    return openSync(path, flags | O_NOFOLLOW);
  } catch (error) {
    if (errnoOf(error) === errno.ELOOP) throw new SystemError("read", errno.ENOTREG);
    throw error;
  }
}

/** Reads a whole file, 64 KiB at most unless `demands` say otherwise. Throws as {@link withFile}; EFBIG if it is larger. */
export function readFile(path: PathLike, demands: Demands = {}): Buffer {
  const { limit = defaultLimit } = demands;
  return withFile(
    path,
    (fd, size) => {
      const bytes = readUpTo(fd, limit + 1, size);
      if (bytes.length > limit) throw new SystemError("read", errno.EFBIG);
      return bytes;
    },
    demands,
  );
}

/** The text of a small file; null where there is none that meets the demands, or it cannot be read. */
export function readTextOrNull(path: PathLike, demands: Demands = {}): string | null {
  try {
    return readFile(path, demands).toString("utf8");
  } catch {
    return null;
  }
}

/**
 * Reads the beginning of a regular file that is no link into `room`, with as few system calls as there can be: for whoever
 * reads thousands. It is for files that are replaced as a whole, on a file system where one read brings all that there is.
 * Throws as {@link readFile}. Only what fills the room is asked whether it is a regular file, since a device without an end
 * always does: so `room` must have more bytes than the file is expected to have.
 *
 * @returns how many bytes there are.
 */
export function readInto(room: Uint8Array, path: PathLike): number {
  const fd = openUnlessLink(path);
  try {
    // With a position, what has none refuses: FIFOs, terminals, sockets.
    const count = readSync(fd, room, 0, room.length, 0);
    if (count === room.length && !fstatSync(fd).isFile()) throw new SystemError("read", errno.ENOTREG);
    return count;
  } catch (error) {
    throw errnoOf(error) === errno.ESPIPE ? new SystemError("read", errno.ENOTREG) : SystemError.from("read", error);
  } finally {
    closeSync(fd);
  }
}

/** The first bytes of a file. Throws as {@link withFile}. */
export function readHead(path: PathLike, most: number, demands: Demands = {}): Buffer {
  return withFile(path, (fd, size) => readUpTo(fd, most, size), demands);
}

/** Reads until the end or the limit. `size` is what the file is said to have, as those of /proc do not. */
function readUpTo(fd: number, most: number, size: number): Buffer {
  let bytes = Buffer.allocUnsafe(Math.min(most, size > 0 ? size : 4096));
  for (let length = 0; ;) {
    const count = readSync(fd, bytes, length, bytes.length - length, null);
    length += count;
    if (count === 0 || length === most || length === size) return bytes.subarray(0, length);
    if (length < bytes.length) continue;
    const larger = Buffer.allocUnsafe(Math.min(most, bytes.length * 4));
    bytes.copy(larger);
    bytes = larger;
  }
}

/**
 * Makes a file for writing, which is ours alone until it gets the name of the file that it is to replace. What had its
 * name before is removed, and no link is followed. Throws as node:fs does.
 */
export function openFresh(path: PathLike, mode: number): number {
  const open = (): number => openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  try {
    return open();
  } catch (error) {
    if (errnoOf(error) !== errno.EEXIST) throw error;
    // A process that was killed has left it, or somebody has put it there.
    unlinkSync(path);
    return open();
  }
}

/**
 * Writes a regular file in place, or makes it (0644 less the umask), without waiting. It follows links, so it is only for
 * the directories of our own user. Throws as node:fs does; SystemError with ENOTREG where something else is there.
 */
export function rewrite(path: PathLike, content: Uint8Array): void {
  const fd = openRegular(path, O_WRONLY | O_CREAT, 0o644);
  try {
    ftruncateSync(fd);
    writeFileSync(fd, content);
  } finally {
    closeSync(fd);
  }
}

/** Opens a regular file, without waiting. Throws as node:fs does; SystemError with ENOTREG where something else is there. */
export function openRegular(path: PathLike, mode: number, permissions?: number): number {
  const fd = openSync(path, mode | O_NONBLOCK | O_NOCTTY, permissions);
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new SystemError("open", errno.ENOTREG);
}

/** The target of a symbolic link; null where there is none, or it cannot be read. */
export function readLinkOrNull(path: PathLike): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/** Where the path leads to in the end; null where it leads nowhere. */
export function realPathOrNull(path: string): string | null {
  try {
    return realpathSync(path);
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

/** Whether we may execute the file that the path leads to. */
export function mayExecute(path: PathLike): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Closes a descriptor, if there is one. */
export function closeQuietly(fd: number | null): void {
  try {
    if (fd !== null) closeSync(fd);
  } catch {
    // It is closed.
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
