import { Buffer } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";

/** How often and how long, in ms, output waits for a full non-blocking pipe before it is given up. */
const tries = 500;
const pause = 2;
/** How often when that has been of no use the last time. */
const hopelessTries = 25;

/**
 * Writes whole text to descriptor 1 or 2 at once and before returning. On standard error it is a message, see
 * {@link writeMessage}; for results on standard output a slow reader is waited for.
 *
 * The runtimes' own streams would queue it and leave the descriptor, which others share,
 * non-blocking. When nobody can take it (closed pipe, full disk) it is dropped: no program of ours
 * ends for want of a reader of its messages.
 *
 * @returns whether all of it was written.
 */
export function writeText(fd: 1 | 2, text: string): boolean {
  return fd === 2 ? writeMessage(fd, text) : writeBytes(fd, Buffer.from(text, "utf8"));
}

/** Whether the last message was given up. */
let isHopeless = false;

/**
 * Writes a message, for which nobody is held up longer than a second, and no longer than 50 ms as long as what is in
 * the pipe is not read: a daemon has more to do than to be heard.
 *
 * @returns whether all of it was written.
 */
export function writeMessage(fd: number, text: string): boolean {
  const own = openPipeAgain(fd);
  try {
    const isWritten = writeAll(own ?? fd, Buffer.from(text, "utf8"), isHopeless ? hopelessTries : tries);
    isHopeless = !isWritten;
    return isWritten;
  } finally {
    if (own !== null) closeSync(own);
  }
}

/**
 * The pipe behind a descriptor, opened for us alone: services share the descriptor, and for them it has to block.
 * Null where it is none, or may not be opened, as it is another user's or has no reader.
 */
function openPipeAgain(fd: number): number | null {
  try {
    if (!fstatSync(fd).isFIFO()) return null;
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
}

/** Writes bytes, and waits for a slow reader as the descriptor does. @returns whether all of them were written. */
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
