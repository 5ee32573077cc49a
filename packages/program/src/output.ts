import { Buffer } from "node:buffer";
import { writeSync } from "node:fs";

/** How often and how long, in ms, output waits for a full non-blocking pipe before it is given up. */
const tries = 500;
const pause = 2;

/**
 * Writes whole text to descriptor 1 or 2 at once and before returning.
 *
 * The runtimes' own streams would queue it and leave the descriptor, which others share,
 * non-blocking. When nobody can take it (closed pipe, full disk) it is dropped: no program of ours
 * ends for want of a reader of its messages.
 *
 * @returns whether all of it was written.
 */
export function writeText(fd: 1 | 2, text: string): boolean {
  return writeBytes(fd, Buffer.from(text, "utf8"));
}

/** Writes bytes as {@link writeText} does. */
export function writeBytes(fd: 1 | 2, whole: Uint8Array): boolean {
  let bytes = whole;
  for (let left = tries; left > 0;) {
    try {
      bytes = bytes.subarray(writeSync(fd, bytes));
      if (bytes.length === 0) return true;
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== "EAGAIN") return false;
      left--;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
    }
  }
  return false;
}
