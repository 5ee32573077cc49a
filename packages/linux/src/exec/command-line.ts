import { readFileSync } from "node:fs";

import { libc } from "#libc";

import { attempt } from "../core/errno.ts";

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
 * The last word of this process's command line, or the one with `following` more words after it, in the memory where
 * the kernel looks it up. Both runtimes leave that memory as it was and hand out copies.
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
  // The block ends with the NUL of the last word.
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

/**
 * The last `count` words of the command line of this process, byte for byte. The runtimes hand out text, which loses what
 * is not UTF-8. Throws SystemError.
 */
export function lastArguments(count: number): readonly Uint8Array[] {
  const words = splitArguments(attempt("read command line", () => readFileSync("/proc/self/cmdline")));
  return words.slice(words.length - count);
}

/** The words in a block of /proc/PID/cmdline or /proc/PID/environ, where each ends with a NUL. */
export function splitArguments(block: Uint8Array): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let from = 0; from < block.length;) {
    const end = block.indexOf(0, from);
    const to = end === -1 ? block.length : end;
    found.push(block.subarray(from, to));
    from = to + 1;
  }
  return found;
}
