import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";

import { libc } from "#libc";

import { splitArguments } from "./arguments.ts";

/** A word of this process's own command line, as `ps` and /proc/PID/cmdline show it. */
export interface ShownWord {
  /** How many bytes there are to write on. */
  readonly length: number;
  /** Overwrites the word from its start; bytes beyond its length are dropped. */
  show(bytes: Uint8Array): void;
}

/** Position of arg_start in /proc/PID/stat, counted from the field after the name (proc(5), field 48). */
const argumentsField = 45;

/** Where the kernel looks up the command line of this process, and what stands there. */
interface ShownBlock {
  readonly address: number;
  readonly block: Uint8Array;
}

/** Both runtimes leave that memory as it was and hand out copies. Null when it cannot be found. */
function shownBlock(): ShownBlock | null {
  try {
    const block = readFileSync("/proc/self/cmdline");
    const line = readFileSync("/proc/self/stat", "latin1");
    const address = Number(line.slice(line.lastIndexOf(")") + 2).split(" ")[argumentsField]);
    return address > 0 ? { address, block } : null;
  } catch {
    return null;
  }
}

/**
 * The last word of this process's command line, or the one with `following` more words after it.
 *
 * @returns null when it cannot be found.
 */
export function lastShownWord(following = 0): ShownWord | null {
  const shown = shownBlock();
  if (shown === null) return null;
  const { address, block } = shown;
  // The block ends with the NUL of the last word.
  let end = block.length - 1;
  for (let left = following; left > 0; left--) end = block.lastIndexOf(0, end - 1);
  const start = block.lastIndexOf(0, end - 1) + 1;
  const length = end - start;
  if (length <= 0) return null;
  return {
    length,
    show: (bytes) => {
      libc.memcpy(address + start, bytes, Math.min(bytes.length, length));
    },
  };
}

/**
 * Lets the command line of this process begin with the path of the command `name`, as pidof(8) wants it. On Node it begins
 * with `node`, and the path comes second. Does nothing where there is no such path.
 */
export function showAsCommand(name: string): void {
  const shown = shownBlock();
  const changed = shown === null ? null : beginningWith(name, shown.block);
  if (shown !== null && changed !== null) libc.memcpy(shown.address, changed, changed.length);
}

/**
 * The beginning of a command line without the words before the script `name`. It takes as many bytes as before, because the
 * words behind it must stay where they are: so the last slash of the path comes several times. Null where there is nothing to
 * change.
 */
export function beginningWith(name: string, block: Uint8Array): Uint8Array | null {
  const [runtime = "", ...words] = splitArguments(block).map((word) => Buffer.from(word).toString("latin1"));
  const at = words.findIndex((word) => word.endsWith(`/${name}`));
  const path = words[at];
  if (path === undefined || runtime.slice(runtime.lastIndexOf("/") + 1) === name) return null;
  const before = [runtime, ...words.slice(0, at), ""].join("\0").length;
  return Buffer.from(`${path.slice(0, -name.length)}${"/".repeat(before)}${name}`, "latin1");
}
