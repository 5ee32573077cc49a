import { closeSync } from "node:fs";

import { errno, SystemError } from "../core/errno.ts";
import { hasBytes } from "./poll.ts";
import { readAvailable, watchReadable } from "./readable.ts";

/** Reads a FIFO as bytes arrive. */
export interface FifoReader {
  /** Calls back with what is there already, without waiting for a turn; at most with as much as one write may bring at once. */
  takeNow(): void;
  /** Stops reading and closes the descriptor. */
  close(): void;
}

/**
 * Bytes that are read in one turn, before others have theirs: a command each, which takes some 20 us. All readers share the
 * room for them.
 */
const room = new Uint8Array(64);
/** Milliseconds until the next turn of a reader whose room was full, so that a flood leaves most of the time to others. */
const floodPause = 2;
/** So many bytes are written at once, or not at all (PIPE_BUF). */
const mostAtOnce = 4096;

/**
 * Calls `onBytes` with what arrives on `fd`, and owns the descriptor from now on. It must be non-blocking, and somebody
 * must keep it open for writing, so that the input never ends. An error ends the reading and goes to `onError`. The bytes
 * are valid during the call.
 */
export function readFifo(
  fd: number,
  onBytes: (bytes: Uint8Array) => void,
  onError: (error: unknown) => void,
): FifoReader {
  let isOpen = true;
  let pause: NodeJS.Timeout | undefined;
  /** Returns how many bytes there were, as far as there was room. */
  const take = (): number => {
    const count = readAvailable(fd, room);
    if (count === 0) throw new SystemError(`read descriptor ${fd}`, errno.EPIPE);
    if (count > 0) onBytes(room.subarray(0, count));
    return count;
  };
  const readable = watchReadable(fd, () => {
    try {
      const isFlood = take() === room.length;
      if (!isOpen) return;
      if (isFlood) pause = setTimeout(readable.wait, floodPause);
      else readable.wait();
    } catch (error) {
      onError(error);
    }
  });
  readable.wait();
  return {
    takeNow: () => {
      try {
        // Reading a FIFO where there is nothing costs a signal, since we have it open for writing as well.
        for (let left = mostAtOnce; isOpen && left > 0 && hasBytes(fd) && take() > 0;) left -= room.length;
      } catch (error) {
        onError(error);
      }
    },
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      clearTimeout(pause);
      readable.close();
      closeSync(fd);
    },
  };
}
