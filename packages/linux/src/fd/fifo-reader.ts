import { closeSync } from "node:fs";

import { errno, SystemError } from "../core/errno.ts";
import { hasBytes } from "./poll.ts";
import { readAvailable, watchReadable, type Watch } from "./readable.ts";

/** Reads a FIFO as bytes arrive. */
export interface FifoReader {
  /** Calls back with what is there already, without waiting for a turn; at most with as much as one write may bring at once. */
  takeNow(): void;
  /** Stops reading and closes the descriptor. */
  close(): void;
}

/** Gets what a FIFO brings. */
export interface FifoHandler {
  /** The bytes are valid during the call. */
  onBytes(bytes: Uint8Array): void;
  /** An error has ended the reading. */
  onError(error: unknown): void;
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
 * Hands over what arrives on `fd`, and owns the descriptor from now on. It must be non-blocking, and somebody must keep it
 * open for writing, so that the input never ends.
 */
export function readFifo(fd: number, handler: FifoHandler): FifoReader {
  return new OpenFifo(fd, handler);
}

class OpenFifo implements FifoReader {
  readonly #fd: number;
  readonly #handler: FifoHandler;
  readonly #readable: Watch;
  #isOpen = true;
  #pause: NodeJS.Timeout | undefined;

  constructor(fd: number, handler: FifoHandler) {
    this.#fd = fd;
    this.#handler = handler;
    this.#readable = watchReadable(fd, () => this.#takeTurn());
    this.#readable.wait();
  }

  takeNow(): void {
    try {
      // Reading a FIFO where there is nothing costs a signal, since we have it open for writing as well.
      for (let left = mostAtOnce; this.#isOpen && left > 0 && hasBytes(this.#fd) && this.#take() > 0;) {
        left -= room.length;
      }
    } catch (error) {
      this.#handler.onError(error);
    }
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearTimeout(this.#pause);
    this.#readable.close();
    closeSync(this.#fd);
  }

  #takeTurn(): void {
    try {
      const isFlood = this.#take() === room.length;
      if (!this.#isOpen) return;
      if (isFlood) this.#pause = setTimeout(() => this.#readable.wait(), floodPause);
      else this.#readable.wait();
    } catch (error) {
      this.#handler.onError(error);
    }
  }

  /** Returns how many bytes there were, as far as there was room. */
  #take(): number {
    const count = readAvailable(this.#fd, room);
    if (count === 0) throw new SystemError(`read descriptor ${this.#fd}`, errno.EPIPE);
    if (count > 0) this.#handler.onBytes(room.subarray(0, count));
    return count;
  }
}
