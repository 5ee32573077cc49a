import { Buffer } from "node:buffer";
import { closeSync, constants, openSync, readSync } from "node:fs";

import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { lastShownWord, type ShownWord } from "@upkeep/linux/exec/command-line";
import { duplicateOnto, setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { errnoOf, reasonOf } from "@upkeep/linux/core/errno";
import { readFifo } from "@upkeep/linux/fd/fifo-reader";
import { createPipe, type Pipe } from "@upkeep/linux/fd/pipe";

const { O_NONBLOCK, O_WRONLY } = constants;

/** Least length of the LOG argument, and how much of its start is left as it is: `log: `. */
const leastLength = 7;
const prefixLength = 5;
/** One `.` is added that often, in ms, so that old text moves out of sight. */
const dotEvery = 900_000;

/** The command line as the place where errors are shown. */
export interface TitleLog {
  /** What is to be the standard error of all children. */
  readonly stderr: number;
  /** Makes room for what we are going to say ourselves. */
  drain(): void;
}

/**
 * Turns the LOG argument into a window on the latest bytes written to standard error, by us and by
 * everything below us. From here on descriptor 2 is a pipe that we read.
 *
 * @param following how many words of the command line come after it.
 * @returns null, having said why, when that cannot be.
 */
export function openTitleLog(text: string, following: number, say: Diagnostics): TitleLog | null {
  if (Buffer.byteLength(text) < leastLength) {
    say.warning("log must have at least seven characters.");
    say.warning("log service disabled.");
    return null;
  }
  const word = lastShownWord(following);
  if (word === null || word.length !== Buffer.byteLength(text)) {
    say.warning("unable to find log in command line");
    say.warning("log service disabled.");
    return null;
  }
  let pipe: Pipe;
  try {
    pipe = createPipe();
    redirect(pipe);
  } catch (error) {
    say.warning(`unable to create pipe for log: ${reasonOf(errnoOf(error))}`);
    say.warning("log service disabled.");
    return null;
  }
  const { read, write } = pipe;
  const push = showIn(word, text);
  // The pipe cannot end, as we hold its other end ourselves.
  readFifo(read, push, () => {});
  setInterval(() => push(Buffer.from(".")), dotEvery);
  return { stderr: write, drain: () => drain(read, push) };
}

function redirect({ read, write }: Pipe): void {
  setNonBlocking(read, true);
  // Ours is an open file of its own: we must not block on a pipe that only we read, while services
  // expect one that blocks.
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

/** Moves a window on: bytes enter it on the right, one by one, except NUL, which would end the word. */
export function shiftIn(window: Uint8Array, bytes: Uint8Array): void {
  const printable = bytes.filter((byte) => byte !== 0);
  const fresh = printable.subarray(Math.max(0, printable.length - window.length));
  window.copyWithin(0, fresh.length);
  window.set(fresh, window.length - fresh.length);
}

function drain(fd: number, push: (bytes: Uint8Array) => void): void {
  const bytes = Buffer.alloc(65_536);
  try {
    for (let length = readSync(fd, bytes); length > 0; length = readSync(fd, bytes)) push(bytes.subarray(0, length));
  } catch {
    // Nothing more in it.
  }
}
