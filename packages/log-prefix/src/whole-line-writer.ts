import { constants, openSync } from "node:fs";

import { tryLock, unlock } from "@upkeep/syscalls/lock";
import { watchReadable, type Readiness } from "@upkeep/syscalls/readiness";
import { openSharedOutput, type SharedOutput } from "@upkeep/syscalls/shared-output";

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
  readonly lock: number | null;
  /** Null where the lock is that of the working directory itself. */
  readonly turn: number | null;
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
 * scan directory for every runsv below one runsvdir.
 *
 * Whoever waits for the lock holds the turn, the lock of the working directory, so that one who always has
 * something to write does not keep the others out.
 */
export function createWholeLineWriter(fd: number, onProgress: () => void): WholeLineWriter {
  let opened: Opened | null = null;
  let batch: Uint8Array | null = null;
  let at = 0;
  let hasLock = false;
  let hasTurn = false;
  let pause = lockPause.first;
  let timer: NodeJS.Timeout | undefined;

  const open = (): Opened => {
    const output = openSharedOutput(fd);
    const directory = openWorkingDirectory();
    const room = output.roomFd === null ? null : watchReadable(output.roomFd, onProgress);
    return { output, lock: output.lockFd ?? directory, turn: output.lockFd === null ? null : directory, room };
  };

  const later = (millis: number): false => {
    clearTimeout(timer);
    timer = setTimeout(onProgress, millis);
    return false;
  };

  const acquire = ({ lock, turn }: Opened): boolean => {
    if (hasLock || lock === null) return true;
    if (!hasTurn && turn !== null) hasTurn = tryLock(turn);
    if (turn === null || hasTurn) hasLock = tryLock(lock);
    if (!hasLock) return false;
    if (hasTurn && turn !== null) unlock(turn);
    hasTurn = false;
    return true;
  };

  const release = (): void => {
    const { lock, turn } = opened ?? { lock: null, turn: null };
    if (hasLock && lock !== null) unlock(lock);
    if (hasTurn && turn !== null) unlock(turn);
    hasLock = false;
    hasTurn = false;
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
    release();
  };

  const go = (): boolean => {
    clearTimeout(timer);
    if (batch === null) return true;
    opened ??= open();
    if (!acquire(opened)) {
      pause = Math.min(pause * 2, lockPause.last);
      return later(pause);
    }
    pause = lockPause.first;
    if (!writeOut(batch, opened)) {
      // Between two lines others may go first.
      if (at === 0 || batch[at - 1] === newline) release();
      return later(opened.room === null ? roomPause.untold : roomPause.last);
    }
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
