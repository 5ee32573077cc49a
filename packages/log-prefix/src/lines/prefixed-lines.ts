/** Lines behind a prefix, put together in one buffer. */
export interface PrefixedLines {
  /** Adds a line, whose bytes are without a newline. */
  put(bytes: Buffer, from: number, to: number): void;
  /** Returns the lines added since the last call; they are valid until the next is added. */
  take(): Uint8Array;
  setPrefix(prefix: Uint8Array): void;
}

export const newline = 10;

/** @param size of the buffer at first; it grows as needed. */
export function createPrefixedLines(size: number): PrefixedLines {
  let output = Buffer.allocUnsafe(size);
  let written = 0;
  let prefix: Uint8Array = new Uint8Array();
  return {
    put: (bytes, from, to) => {
      const needed = written + prefix.length + to - from + 1;
      if (needed > output.length) {
        const larger = Buffer.allocUnsafe(needed * 2);
        output.copy(larger, 0, 0, written);
        output = larger;
      }
      // A call for the few bytes of a prefix would take longer than the loop.
      for (let at = 0; at < prefix.length; at++) output[written + at] = prefix[at] ?? 0;
      written += prefix.length;
      written += bytes.copy(output, written, from, to);
      output[written++] = newline;
    },
    take: () => {
      const lines = output.subarray(0, written);
      written = 0;
      return lines;
    },
    setPrefix: (next) => {
      prefix = Uint8Array.from(next);
    },
  };
}
