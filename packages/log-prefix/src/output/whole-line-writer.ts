import { errno, SystemError } from "@upkeep/linux/core/errno";
import { watchWritable, type Readiness } from "@upkeep/linux/fd/readable";
import { openSharedOutput, type SharedOutput } from "@upkeep/linux/fd/shared-output";

import { newline } from "../lines/prefixed-lines.ts";
import { createOutputLock, type OutputLock, type OutputLocks } from "./output-lock.ts";

/** Writes batches of whole lines to an output that other processes write whole lines to. */
export interface WholeLineWriter {
  /** Begins a batch. The bytes must stay as they are until it is written. */
  start(bytes: Uint8Array): void;
  /**
   * Goes on with the batch; if that is not enough, `onProgress` is called when it is worth while to go on. Throws
   * SystemError; the batch is kept.
   *
   * @returns whether the batch has been written.
   */
  go(): boolean;
  /** Gives the batch up. */
  drop(): void;
  /** What of the batch is not written. */
  unwritten(): Uint8Array;
}

/** How soon, in ms, to try again for a lock that somebody else holds: growing between these. */
const lockPause = { first: 1, last: 16 };
/** For how long, in ms, a lock is waited for. Its holder may have been stopped. */
const lockPatience = 2000;
/** How often, in ms, to try an output that is full: where nothing tells of room, and at the latest. */
const roomPause = { untold: 10, last: 500 };

export interface WriterPorts {
  /** It is worth while to go on. */
  readonly onProgress: () => void;
  /** Told once: there is no lock to be had, and lines are written without. */
  readonly onUnlockable: (error: SystemError) => void;
  /** Opens what all who write to the same output lock; null where that is not possible. */
  readonly openLocks: () => OutputLocks | null;
}

/** Makes a writer to `fd`. A lock keeps a batch together, above PIPE_BUF as well. */
export function createWholeLineWriter(fd: number, ports: WriterPorts): WholeLineWriter {
  return new LockingWriter(fd, ports);
}

class LockingWriter implements WholeLineWriter {
  readonly #fd: number;
  readonly #ports: WriterPorts;
  #isTold = false;
  #opened: Opened | null = null;
  #batch: Batch | null = null;
  #pause = lockPause.first;
  #patience = lockPatience;
  #timer: NodeJS.Timeout | undefined;

  constructor(fd: number, ports: WriterPorts) {
    this.#fd = fd;
    this.#ports = ports;
  }

  start(bytes: Uint8Array): void {
    this.#batch = { bytes, at: 0 };
  }

  go(): boolean {
    clearTimeout(this.#timer);
    if (this.#batch === null) return true;
    const opened = (this.#opened ??= this.#open());
    if (!this.#mayWrite(opened.lock)) return this.#later(this.#pause);
    if (!writeOrYield(this.#batch, opened)) {
      return this.#later(opened.room === null ? roomPause.untold : roomPause.last);
    }
    this.drop();
    return true;
  }

  drop(): void {
    clearTimeout(this.#timer);
    this.#opened?.room?.cancel();
    this.#batch = null;
    this.#opened?.lock.release();
  }

  unwritten(): Uint8Array {
    return this.#batch?.bytes.subarray(this.#batch.at) ?? nothing;
  }

  /** Whether to write now: with the lock, or without it if it was waited for in vain. */
  #mayWrite(lock: OutputLock): boolean {
    if (lock.acquire()) {
      this.#pause = lockPause.first;
      this.#patience = lockPatience;
      return true;
    }
    this.#pause = Math.min(this.#pause * 2, lockPause.last);
    this.#patience -= this.#pause;
    if (this.#patience > 0) return false;
    this.#tell(new SystemError("lock", errno.ETIMEDOUT));
    return true;
  }

  #later(millis: number): false {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ports.onProgress(), millis);
    return false;
  }

  /** Tells, once, that there is no lock to be had. */
  #tell(error: SystemError): void {
    if (!this.#isTold) this.#ports.onUnlockable(error);
    this.#isTold = true;
  }

  #open(): Opened {
    const output = openSharedOutput(this.#fd);
    const room = output.roomFd === null ? null : watchWritable(output.roomFd, () => this.#ports.onProgress());
    return { output, lock: createOutputLock(this.#ports.openLocks(), (error) => this.#tell(error)), room };
  }
}

const nothing = new Uint8Array();

/** Bytes on their way: from `at` on they have still to be written. */
interface Batch {
  readonly bytes: Uint8Array;
  at: number;
}

/** What is opened with the first batch. */
interface Opened {
  readonly output: SharedOutput;
  readonly lock: OutputLock;
  readonly room: Readiness | null;
}

/**
 * As {@link writeOut}. When that cannot go on, for want of room or by an error, there is a pause, and other writers
 * need not wait for it. The lock is kept only where a line is written in part: what others write would come in the
 * middle of that line.
 */
function writeOrYield(batch: Batch, opened: Opened): boolean {
  let isWritten = false;
  try {
    isWritten = writeOut(batch, opened);
    return isWritten;
  } finally {
    if (!isWritten && (batch.at === 0 || batch.bytes[batch.at - 1] === newline)) opened.lock.release();
  }
}

/** Writes until all is written, which is true, or there is no room. */
function writeOut(batch: Batch, { output, room }: Opened): boolean {
  for (let isAsked = room === null; batch.at < batch.bytes.length;) {
    const count = output.write(batch.bytes.subarray(batch.at));
    if (count === -1 && isAsked) return false;
    // Nothing tells of room that came before the question, so there is another try after it.
    if (count === -1) room?.wait();
    isAsked ||= count === -1;
    batch.at += Math.max(count, 0);
  }
  return true;
}
