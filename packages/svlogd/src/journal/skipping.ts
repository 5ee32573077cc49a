/** Keeps back what is in the log already. */
export interface Skipping {
  /** Returns from where on the bytes, which follow those of the call before, have to be written. */
  pass(from: number, to: number, bytes: Uint8Array): number;
}

/**
 * Skips the first `done` bytes. They must end with `tail`, the bytes in the log. If they do not, somebody else has
 * written there, and nothing more is let through.
 */
export function createSkipping(done: number, tail: Uint8Array): Skipping {
  let at = 0;
  let isStrange = false;
  const tailAt = done - tail.length;
  return {
    pass: (from, to, bytes) => {
      if (isStrange) return to;
      const end = Math.min(to, from + done - at);
      const start = Math.max(from, from + tailAt - at);
      for (let index = start; index < end && !isStrange; index++) {
        isStrange = bytes[index] !== tail[at + index - from - tailAt];
      }
      at += end - from;
      return isStrange ? to : end;
    },
  };
}
