import { writeSync } from "node:fs";

import type { LineSink } from "../core/log-line.ts";

/** What goes to standard output, in pieces that cost one system call each. */
export interface OutputBuffer extends LineSink {
  /** Writes what is there. */
  flush(): void;
  /** Whether nobody reads any more, or nothing can be written. */
  isClosed(): boolean;
}

/** Bytes. */
const size = 131_072;
/** Milliseconds between two tries on a pipe that is full. */
const pause = 2;

export function createOutputBuffer(): OutputBuffer {
  const buffer = Buffer.allocUnsafe(size);
  let length = 0;
  let closed = false;

  const flush = (): void => {
    closed ||= !writeWhole(buffer.subarray(0, length));
    length = 0;
  };
  return {
    putText: (text) => {
      // A character of UTF-16 takes three bytes of UTF-8 at most.
      if (text.length * 3 > size - length) flush();
      if (text.length * 3 > size) closed ||= !writeWhole(Buffer.from(text));
      else length += buffer.write(text, length);
    },
    putBytes: (bytes, from, to) => {
      if (to - from > size - length) flush();
      if (to - from > size) closed ||= !writeWhole(bytes.subarray(from, to));
      else length += bytes.copy(buffer, length, from, to);
    },
    flush,
    isClosed: () => closed,
  };
}

/** Waits for a slow reader as long as it takes. */
function writeWhole(whole: Buffer): boolean {
  for (let left = whole; left.length > 0;) {
    try {
      left = left.subarray(writeSync(1, left));
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== "EAGAIN") return false;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
    }
  }
  return true;
}
