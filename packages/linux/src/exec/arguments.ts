import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";

import { attempt } from "../core/errno.ts";

// `sv` needs this as well, so it does not load the foreign function interface.

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

/**
 * The words of a command that may have been called as `upkeep WORD ...`, as if by its own name: `COMMAND ...`. Of what only
 * upkeep has, that name is not the word: `upkeep web` is `upkeep-web`.
 */
export function byOwnName(words: readonly Uint8Array[], command: string): readonly Uint8Array[] {
  const [first, word, ...rest] = words;
  const path = first === undefined ? "" : Buffer.from(first).toString("latin1");
  const isByWord = word !== undefined && path.slice(path.lastIndexOf("/") + 1) === "upkeep";
  return isByWord ? [Buffer.from(command), ...rest] : words;
}
