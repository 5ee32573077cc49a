import { closeSync } from "node:fs";

import { errno, SystemError } from "../core/errno.ts";
import { readAvailable, watchReadable } from "./readable.ts";

/** Reads a FIFO as bytes arrive. */
export interface FifoReader {
  /** Calls back with what is there already, without waiting for a turn; at most with as much as one write may bring at once. */
  takeNow(): void;
  /** Stops reading and closes the descriptor. */
  close(): void;
}

/** Bytes that are read in one turn, before others have theirs: a command each. All readers share the room for them. */
const room = new Uint8Array(256);
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
  /** Returns whether there was something. */
  const take = (): boolean => {
    const count = readAvailable(fd, room);
    if (count === 0) throw new SystemError(`read descriptor ${fd}`, errno.EPIPE);
    if (count > 0) onBytes(room.subarray(0, count));
    return count > 0;
  };
  const readable = watchReadable(fd, () => {
    try {
      take();
      if (isOpen) readable.wait();
    } catch (error) {
      onError(error);
    }
  });
  readable.wait();
  return {
    takeNow: () => {
      try {
        for (let left = mostAtOnce; isOpen && left > 0 && take();) left -= room.length;
      } catch (error) {
        onError(error);
      }
    },
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      readable.close();
      closeSync(fd);
    },
  };
}
