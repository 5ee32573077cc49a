import { closeSync, constants, fchmodSync, fstatSync, fsyncSync, openSync, statSync, writeSync } from "node:fs";

import { attempt, errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";

import { syncInBackground } from "./sync.ts";

const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;

/** Modes of `current` while it is written to, and of a log that was finished in order. */
const openMode = 0o644;
const finishedMode = 0o744;
const ownerMayExecute = 0o100;

/** The file `current` of a log directory. All calls throw SystemError. */
export interface CurrentFile {
  /** False for a FIFO or a device, which has no size and is not rotated. */
  readonly isRegular: boolean;
  readonly inode: number;
  size(): number;
  /** Appends some of the bytes; returns where it stopped. */
  write(bytes: Buffer, from: number, to: number): number;
  /** Brings all that was written to the disk. */
  sync(): void;
  /** Whether all that was written is on the disk by a {@link sync}. */
  isSynced(): boolean;
  /** As {@link sync}, in a thread of the runtime. Rejects with SystemError. */
  syncInBackground(): Promise<void>;
  /** Marks it as finished. */
  finish(): void;
  close(): void;
}

/** How `current` was left: by a crash (`torn`), in order, or not at all. Throws SystemError. */
export function stateOfCurrent(path: string, name: string): "absent" | "finished" | "torn" {
  try {
    const found = statSync(path);
    const isTorn = found.isFile() && found.size > 0 && (found.mode & ownerMayExecute) === 0;
    return isTorn ? "torn" : "finished";
  } catch (error) {
    if (errnoOf(error) === errno.ENOENT) return "absent";
    throw SystemError.from(`stat current: ${name}`, error);
  }
}

/** Opens `current` to append to it. Errors say `unable to OPERATION: NAME`. Throws SystemError. */
export function openCurrent(path: string, name: string, operation: string): CurrentFile {
  const fd = attempt(`${operation}: ${name}`, () => openSync(path, O_WRONLY | O_NONBLOCK | O_APPEND | O_CREAT, 0o600));
  try {
    attempt(`set mode of current: ${name}`, () => fchmodSync(fd, openMode));
    return describe(fd, name);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function describe(fd: number, name: string): CurrentFile {
  const found = attempt(`stat current: ${name}`, () => fstatSync(fd));
  const isRegular = found.isFile();
  const syncing = `fsync current logfile: ${name}`;
  let size = isRegular ? found.size : 0;
  let isSynced = false;
  return {
    isRegular,
    inode: found.ino,
    size: () => size,
    write: (bytes, from, to) => {
      isSynced = false;
      const count = attempt(`write to current: ${name}`, () => writeSync(fd, bytes, from, to - from));
      size += count;
      return from + count;
    },
    sync: () => {
      if (isRegular) attempt(syncing, () => fsyncSync(fd));
      isSynced = true;
    },
    isSynced: () => isSynced,
    syncInBackground: () => syncInBackground(fd, syncing),
    finish: () => attempt(`set mode of current: ${name}`, () => fchmodSync(fd, finishedMode)),
    close: () => closeSync(fd),
  };
}
