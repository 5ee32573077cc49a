import { Buffer } from "node:buffer";
import { closeSync, constants, openSync, readSync } from "node:fs";

import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { lastShownWord, type ShownWord } from "@upkeep/linux/exec/command-line";
import { duplicateOnto, setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { errnoOf, reasonOf } from "@upkeep/linux/core/errno";
import { readFifo } from "@upkeep/linux/fd/fifo-reader";
import { createPipe, type Pipe } from "@upkeep/linux/fd/pipe";

const { O_NONBLOCK, O_WRONLY } = constants;

/** Least length of the LOG argument, and the length of its start, `log: `, which stays as it is. */
const leastLength = 7;
const prefixLength = 5;
/** Time after which one `.` is added, in ms, so that old text moves out of sight. */
const dotEvery = 900_000;

/** The window in our command line that shows what was written to standard error. */
export interface TitleLog {
  /** The standard error of all children. */
  readonly stderr: number;
  /** Makes room in the pipe for a message of ours. */
  drain(): void;
}

/**
 * Turns the LOG argument into a window on the latest bytes that we and our descendants write to standard error. From
 * here on descriptor 2 is a pipe that we read.
 *
 * @param following the number of words in the command line after it.
 * @returns null after a warning, when that is impossible.
 */
export function openTitleLog(text: string, following: number, say: Diagnostics): TitleLog | null {
  const disable = (reason: string): null => {
    say.warning(reason);
    say.warning("log service disabled.");
    return null;
  };
  if (Buffer.byteLength(text) < leastLength) return disable("log must have at least seven characters.");
  const word = lastShownWord(following);
  if (word === null || word.length !== Buffer.byteLength(text)) return disable("unable to find log in command line");
  let pipe: Pipe;
  try {
    pipe = createPipe();
    redirect(pipe);
  } catch (error) {
    return disable(`unable to create pipe for log: ${reasonOf(errnoOf(error))}`);
  }
  const { read, write } = pipe;
  const push = showIn(word, text);
  // We hold the other end of the pipe as well, so it never ends.
  readFifo(read, push, () => {});
  setInterval(() => push(Buffer.from(".")), dotEvery);
  return { stderr: write, drain: () => drain(read, push) };
}

function redirect({ read, write }: Pipe): void {
  setNonBlocking(read, true);
  // We must not block on a pipe that only we read, but services expect one that blocks: so ours is opened separately.
  const own = openSync(`/proc/self/fd/${write}`, O_WRONLY | O_NONBLOCK);
  duplicateOnto(own, 2);
  closeSync(own);
}

function showIn(word: ShownWord, text: string): (bytes: Uint8Array) => void {
  const shown = Buffer.from(text);
  return (bytes) => {
    shiftIn(shown.subarray(prefixLength), bytes);
    word.show(shown);
  };
}

/** Moves the window: bytes enter on the right. A NUL, which would end the word, is dropped. */
export function shiftIn(window: Uint8Array, bytes: Uint8Array): void {
  const printable = bytes.filter((byte) => byte !== 0);
  const fresh = printable.subarray(Math.max(0, printable.length - window.length));
  window.copyWithin(0, fresh.length);
  window.set(fresh, window.length - fresh.length);
}

/** Reads once, and no more: services that write without end must not hold us up. */
export function drain(fd: number, push: (bytes: Uint8Array) => void): void {
  const bytes = Buffer.alloc(65_536);
  try {
    push(bytes.subarray(0, readSync(fd, bytes)));
  } catch {
    // Nothing more in it.
  }
}
