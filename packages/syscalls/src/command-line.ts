import { readFileSync } from "node:fs";

import { libc } from "#libc";

/** A word of this process's own command line, as `ps` and /proc/PID/cmdline show it. */
export interface ShownWord {
  /** How many bytes there are to write on. */
  readonly length: number;
  /** Overwrites the word from its start; bytes beyond its length are dropped. */
  show(bytes: Uint8Array): void;
}

/** Position of arg_start in /proc/PID/stat, counted from the field after the name (proc(5), field 48). */
const argumentsField = 45;

/**
 * The last word of this process's command line, or the one that has `following` more after it, in the
 * memory where the kernel looks it up. Both runtimes leave that memory as it was and hand out copies.
 *
 * @returns null when it cannot be found.
 */
export function lastShownWord(following = 0): ShownWord | null {
  let block: Uint8Array;
  let address: number;
  try {
    block = readFileSync("/proc/self/cmdline");
    const line = readFileSync("/proc/self/stat", "latin1");
    address = Number(line.slice(line.lastIndexOf(")") + 2).split(" ")[argumentsField]);
  } catch {
    return null;
  }
  // The block is closed by the last word's own NUL.
  let end = block.length - 1;
  for (let left = following; left > 0; left--) end = block.lastIndexOf(0, end - 1);
  const start = block.lastIndexOf(0, end - 1) + 1;
  const length = end - start;
  if (!(address > 0) || length <= 0) return null;
  return {
    length,
    show: (bytes) => {
      libc.memcpy(address + start, bytes, Math.min(bytes.length, length));
    },
  };
}
