import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
  type Stats,
} from "node:fs";

import { attempt, errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";
import { tryLock } from "@upkeep/linux/fd/lock";
import { mapShared } from "@upkeep/linux/fd/mapping";

import { hasText, journalSize, journalText } from "./journal.ts";

const { O_CREAT, O_NOFOLLOW, O_RDWR } = constants;

/** In memory that outlives processes, but not the machine. Everybody may write there, so each user has a directory in it. */
const sharedMemory = "/dev/shm";

/** Memory that the next logger finds. */
export interface JournalFile {
  readonly memory: ArrayBuffer;
  /** Removes it: the next logger finds nothing. */
  remove(): void;
  /** Gives it to the next logger. Nobody may use the memory afterwards. */
  close(): void;
}

/** Whose journal it is, and what for. */
export interface JournalSubject {
  /** The log directory that it is named after. */
  readonly device: number;
  readonly inode: number;
  /** What must not have changed for its bytes to mean the same. */
  readonly settings: string;
  readonly bufferSize: number;
}

/** Opens the journal. If there is none yet that can be used, it is all zeros but for its text. Throws SystemError. */
export function openJournalFile({ device, inode, settings, bufferSize }: JournalSubject): JournalFile {
  const path = `${ownDirectory()}/${device}-${inode}`;
  const operation = `open journal: ${path}`;
  // It stays open: the lock keeps it ours.
  const fd = attempt(operation, () => openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600));
  try {
    if (!tryLock(fd)) throw new SystemError(operation, errno.EAGAIN);
    const found = fstatSync(fd);
    // The logger that held the lock before may just have removed it.
    if (!found.isFile() || !isPrivate(found) || found.nlink === 0) throw new SystemError(operation, errno.EPERM);
    const size = journalSize(bufferSize);
    if (found.size !== size) fillWithZeros(fd, path, size);
    const { memory, unmap } = mapShared(fd, size);
    const text = `upkeep svlogd journal 1\n${bootId()}${settings}\n`;
    if (!hasText(memory, text)) {
      const bytes = new Uint8Array(memory).fill(0);
      bytes.set(journalText(text));
    }
    const close = (): void => {
      unmap();
      closeSync(fd);
    };
    return { memory, remove: () => remove(path), close };
  } catch (error) {
    closeSync(fd);
    throw SystemError.from(operation, error);
  }
}

/** The directory of this user's journals. Throws SystemError, with EPERM where somebody else has taken its name. */
function ownDirectory(): string {
  const user = process.geteuid?.() ?? 0;
  const path = `${sharedMemory}/upkeep-svlogd-${user}`;
  const isMade = (): boolean => attempt(`make ${path}`, () => makeDirectory(path));
  if (isMade()) return path;
  if (user === 0) {
    // Nobody keeps root from having a place for this.
    attempt(`move ${path}`, () => renameSync(path, `${path}.${crypto.randomUUID()}`));
    if (isMade()) return path;
  }
  throw new SystemError(`open journal: ${path}`, errno.EPERM);
}

/** Returns whether the directory is there and private. */
function makeDirectory(path: string): boolean {
  try {
    mkdirSync(path, 0o700);
  } catch (error) {
    if (errnoOf(error) !== errno.EEXIST) throw error;
  }
  const found = lstatSync(path);
  return found.isDirectory() && isPrivate(found);
}

function isPrivate({ uid, mode }: Stats): boolean {
  return uid === process.geteuid?.() && (mode & 0o077) === 0;
}

/** Writes zeros: a store into a hole of a file is fatal when the file system is full. */
function fillWithZeros(fd: number, path: string, size: number): void {
  const zeros = Buffer.alloc(size);
  try {
    ftruncateSync(fd, 0);
    for (let at = 0; at < size;) at += writeSync(fd, zeros, at, size - at, at);
  } catch (error) {
    remove(path);
    throw error;
  }
}

/** It is no error that it does not exist: somebody else may have removed it. */
function remove(path: string): void {
  rmSync(path, { force: true });
}

/** Tells the runs of the system apart: should the file system outlive one, a journal of it must not be used. */
function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "latin1");
}
