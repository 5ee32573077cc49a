import { wallClock } from "@upkeep/linux/time/clock";
import { SystemError } from "@upkeep/linux/core/errno";
import { readAvailable, type Readiness, watchReadable } from "@upkeep/linux/fd/readable";

import type { Splitter } from "./splitter.ts";

/** Where bytes come from. */
export interface Source {
  /** See `readAvailable`. */
  read(bytes: Uint8Array): number;
  /** See `watchReadable`. */
  watch(onReadable: () => void): Readiness;
}

/** What reading needs of its surroundings. */
export interface InputPorts {
  readonly splitter: Splitter;
  /** Whether the lines read so far are as many as may wait. */
  readonly isBlocked: () => boolean;
  /** The lines of a read have been handed over. */
  readonly onBatch: () => void;
  /** No more will come: the input is at its end, or a {@link Input.stop} has come to a line's end. */
  readonly onEnd: () => void;
  readonly warn: (message: string) => void;
}

/** Reads standard input. */
export interface Input {
  /** Reads, and goes on as soon as there is more. After a block has ended it has to be called again. */
  read(): void;
  /**
   * Reads no further than to the end of the line that has begun to arrive: the rest is for the next
   * logger. When called again it waits for that no longer.
   */
  stop(): void;
}

/** How many reads there are between two looks at signals and timers. */
const readsATurn = 8;
/** Milliseconds until a read that failed is tried again. */
const retryPause = 3000;
/** How long, in ms, a line that has begun is waited for. */
const lineWait = 5000;

/** A non-blocking descriptor. */
export function openSource(fd: number): Source {
  return { read: (bytes) => readAvailable(fd, bytes), watch: (onReadable) => watchReadable(fd, onReadable) };
}

export function createInput(source: Source, ports: InputPorts): Input {
  const { splitter, isBlocked, onBatch, warn } = ports;
  let isStopping = false;
  let hasEnded = false;
  let turn: NodeJS.Immediate | null = null;

  const end = (): void => {
    if (hasEnded) return;
    hasEnded = true;
    readiness.cancel();
    splitter.end();
    onBatch();
    ports.onEnd();
  };

  /** Returns how much has been read: 0 at the end, -1 when there is nothing yet, -2 when it failed. */
  const readOnce = (): number => {
    // Of what follows the line nothing may be taken, so it is read byte by byte.
    const space = isStopping ? splitter.space().subarray(0, 1) : splitter.space();
    let count: number;
    try {
      count = source.read(space);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      warn(`unable to read standard input${error.message.slice(error.message.lastIndexOf(":"))}`);
      setTimeout(read, retryPause);
      return -2;
    }
    if (count > 0) {
      splitter.received(count, wallClock());
      onBatch();
    }
    return count;
  };

  const read = (): void => {
    if (hasEnded || turn !== null) return;
    for (let left = readsATurn * (isStopping ? 1024 : 1); left > 0; left--) {
      if (isStopping ? !splitter.isMidLine() : isBlocked()) {
        readiness.cancel();
        return isStopping ? end() : undefined;
      }
      let count = readOnce();
      if (count === -1) {
        // What arrives before the wait is asked for does not end it: so there is one more try.
        readiness.wait();
        count = readOnce();
        if (count === -1) return;
        readiness.cancel();
      }
      if (count === 0) return end();
      if (count === -2) return;
    }
    turn = setImmediate(() => {
      turn = null;
      read();
    });
  };

  const readiness = source.watch(read);
  return {
    read,
    stop: () => {
      if (isStopping) return end();
      isStopping = true;
      setTimeout(end, lineWait);
      read();
    },
  };
}
