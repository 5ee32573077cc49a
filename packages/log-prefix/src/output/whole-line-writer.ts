import { constants, openSync } from "node:fs";

import type { SystemError } from "@upkeep/linux/core/errno";
import { watchReadable, type Readiness } from "@upkeep/linux/fd/readable";
import { openSharedOutput, type SharedOutput } from "@upkeep/linux/fd/shared-output";

import { createOutputLock, type Flock, type OutputLock } from "./output-lock.ts";

/** Writes batches of whole lines to an output that other processes write whole lines to. */
export interface WholeLineWriter {
  /** Begins a batch. The bytes must stay as they are until it is written. */
  start(bytes: Uint8Array): void;
  /**
   * Goes on with the batch; calls `onProgress` later when it is worth while to go on. Throws
   * SystemError, with the batch as it was.
   *
   * @returns whether the batch has been written.
   */
  go(): boolean;
  /** Gives the batch up. */
  drop(): void;
}

/** What is opened with the first batch. */
interface Opened {
  readonly output: SharedOutput;
  readonly lock: OutputLock;
  readonly room: Readiness | null;
}

const newline = 10;
/** How soon, in ms, to look again for a lock that somebody else holds: growing between these. */
const lockPause = { first: 1, last: 16 };
/** How often, in ms, to try an output that is full: where nothing tells of room, and at the latest. */
const roomPause = { untold: 10, last: 500 };

/**
 * Makes a writer to `fd`. A lock (flock) keeps a batch together, above PIPE_BUF as well: that of the open
 * file, which all who have it meet in; or, where it cannot be had, that of the working directory, which is the
 * scan directory for every runsv below one runsvdir. Where the working directory is not the lock, it is the turn.
 *
 * @param onUnlockable told once when there is no lock to be had, and lines are written without.
 */
export function createWholeLineWriter(
  fd: number,
  onProgress: () => void,
  onUnlockable: (error: SystemError) => void,
  flock?: Flock,
): WholeLineWriter {
  let opened: Opened | null = null;
  let batch: Uint8Array | null = null;
  let at = 0;
  let pause = lockPause.first;
  let timer: NodeJS.Timeout | undefined;

  const open = (): Opened => {
    const output = openSharedOutput(fd);
    const directory = openWorkingDirectory();
    const room = output.roomFd === null ? null : watchReadable(output.roomFd, onProgress);
    const places = { lock: output.lockFd ?? directory, turn: output.lockFd === null ? null : directory };
    return { output, lock: createOutputLock(places, onUnlockable, flock), room };
  };

  const later = (millis: number): false => {
    clearTimeout(timer);
    timer = setTimeout(onProgress, millis);
    return false;
  };

  /** Writes until all is written, which is true, or there is no room. */
  const writeOut = (bytes: Uint8Array, { output, room }: Opened): boolean => {
    for (let isAsked = room === null; at < bytes.length;) {
      const count = output.write(bytes.subarray(at));
      if (count === -1 && isAsked) return false;
      // What has become free before the question is told by nobody, so there is another try after it.
      if (count === -1) room?.wait();
      isAsked ||= count === -1;
      at += Math.max(count, 0);
    }
    return true;
  };

  const drop = (): void => {
    clearTimeout(timer);
    opened?.room?.cancel();
    batch = null;
    opened?.lock.release();
  };

  /**
   * As {@link writeOut}. When that cannot go on, for want of room or by an error, there is a pause, for which whoever
   * else writes here need not wait. Only where a line is written in part the lock is kept: what others write would
   * come in the midst of that line.
   */
  const writeOrYield = (bytes: Uint8Array, way: Opened): boolean => {
    let isWritten = false;
    try {
      isWritten = writeOut(bytes, way);
      return isWritten;
    } finally {
      if (!isWritten && (at === 0 || bytes[at - 1] === newline)) way.lock.release();
    }
  };

  const go = (): boolean => {
    clearTimeout(timer);
    if (batch === null) return true;
    opened ??= open();
    if (!opened.lock.acquire()) {
      pause = Math.min(pause * 2, lockPause.last);
      return later(pause);
    }
    pause = lockPause.first;
    if (!writeOrYield(batch, opened)) return later(opened.room === null ? roomPause.untold : roomPause.last);
    drop();
    return true;
  };

  return {
    start: (bytes) => {
      batch = bytes;
      at = 0;
    },
    go,
    drop,
  };
}

function openWorkingDirectory(): number | null {
  try {
    return openSync(".", constants.O_RDONLY | constants.O_DIRECTORY);
  } catch {
    return null;
  }
}
