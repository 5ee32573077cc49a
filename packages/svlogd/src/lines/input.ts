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

export interface InputPorts {
  readonly splitter: Splitter;
  /** Whether so much waits to be written that nothing more may be read. */
  readonly isBlocked: () => boolean;
  /** The lines of a read have been handed over. */
  readonly onBatch: () => void;
  /** No more is read: the input is at its end, or a {@link Input.stop} has come to the end of a line. */
  readonly onEnd: () => void;
  readonly warn: (message: string) => void;
}

/** Reads standard input. */
export interface Input {
  /** Reads, and goes on as soon as there is more. When it was blocked, it has to be called again. */
  read(): void;
  /**
   * Reads to the end of the line that has begun to arrive, and no further: the rest is for the next logger. A second
   * call waits for that end no longer.
   */
  stop(): void;
  hasEnded(): boolean;
}

/** How many reads there are before signals and timers get their turn. */
const readsATurn = 8;
/** Milliseconds until a read that failed is tried again. */
const retryPause = 3000;
/** How long, in ms, a line that has begun is waited for. */
const lineWait = 5000;

/** A non-blocking descriptor. */
export function openSource(fd: number): Source {
  return { read: (bytes) => readAvailable(fd, bytes), watch: (onReadable) => watchReadable(fd, onReadable) };
}

/** What came of a read: bytes, nothing yet, the end of the input, or an error, after which we read again later. */
type ReadResult = "bytes" | "nothing yet" | "end" | "failed";

export function createInput(source: Source, ports: InputPorts): Input {
  const { splitter, isBlocked } = ports;
  let isStopping = false;
  let hasEnded = false;
  let turn: NodeJS.Immediate | null = null;

  const end = (): void => {
    if (hasEnded) return;
    hasEnded = true;
    readiness.cancel();
    splitter.end();
    ports.onBatch();
    ports.onEnd();
  };

  // Nothing may be taken of what follows the line, so when we stop we read byte by byte.
  const readOnce = (): ReadResult => readInto(source, isStopping ? 1 : undefined, ports, read);

  const readOrWait = (): ReadResult => {
    const first = readOnce();
    if (first !== "nothing yet") return first;
    // What arrives before the wait is asked for does not end it, so there is one more try.
    readiness.wait();
    const second = readOnce();
    if (second !== "nothing yet") readiness.cancel();
    return second;
  };

  const read = (): void => {
    if (hasEnded || turn !== null) return;
    for (let left = readsATurn * (isStopping ? 1024 : 1); left > 0; left--) {
      if (isStopping && !splitter.isMidLine()) return end();
      if (!isStopping && isBlocked()) return readiness.cancel();
      const result = readOrWait();
      if (result === "end") return end();
      if (result !== "bytes") return;
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
    hasEnded: () => hasEnded,
  };
}

/** Reads once, `limit` bytes at most, and hands over the lines. After an error it calls `retry` in a while. */
function readInto(source: Source, limit: number | undefined, ports: InputPorts, retry: () => void): ReadResult {
  const { splitter, onBatch, warn } = ports;
  let count: number;
  try {
    count = source.read(splitter.space().subarray(0, limit));
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    warn(`unable to read standard input${error.message.slice(error.message.lastIndexOf(":"))}`);
    setTimeout(retry, retryPause);
    return "failed";
  }
  if (count === 0) return "end";
  if (count === -1) return "nothing yet";
  splitter.received(count, wallClock());
  onBatch();
  return "bytes";
}
