import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";

import { bytesOfName } from "@upkeep/linux/core/name-text";

/** How often output is tried again when a non-blocking pipe is full, and the pause in ms between two tries. */
const tries = 500;
const pause = 2;
/** The number of tries after a message that had to be given up. */
const hopelessTries = 25;

/**
 * Writes whole text to descriptor 1 or 2 before it returns. Text for standard error is a message, see
 * {@link writeMessage}. Text for standard output is a result, and waits for a slow reader.
 *
 * The streams of the runtimes would queue it, and make the descriptor non-blocking, which others share. Text that cannot
 * be written (closed pipe, full disk) is dropped: no program of ours ends because nobody reads its messages.
 *
 * @returns whether all of it was written.
 */
export function writeText(fd: 1 | 2, text: string): boolean {
  return fd === 2 ? writeMessage(fd, text) : writeBytes(fd, bytesOfName(text));
}

/** Whether the last message was given up. */
let isHopeless = false;

/**
 * Writes a message. It waits for room at most a second, and after a message that had to be given up at most 50 ms: a
 * daemon has more to do than to print.
 *
 * @returns whether all of it was written.
 */
export function writeMessage(fd: number, text: string): boolean {
  const own = openPipeAgain(fd);
  try {
    const isWritten = writeAll(own ?? fd, bytesOfName(text), isHopeless ? hopelessTries : tries);
    isHopeless = !isWritten;
    return isWritten;
  } finally {
    if (own !== null) closeSync(own);
  }
}

/**
 * Opens the pipe behind a descriptor once more, for us alone: services share the descriptor, and for them it must block.
 * Null if it is no pipe, or cannot be opened, because it belongs to another user or has no reader.
 */
function openPipeAgain(fd: number): number | null {
  try {
    if (!fstatSync(fd).isFIFO()) return null;
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
}

/** Writes bytes, and waits for a slow reader. @returns whether all of them were written. */
export function writeBytes(fd: 1 | 2, bytes: Uint8Array): boolean {
  return writeAll(fd, bytes, tries);
}

function writeAll(fd: number, whole: Uint8Array, times: number): boolean {
  let bytes = whole;
  for (let left = times; left > 0;) {
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
