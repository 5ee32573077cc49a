import { Buffer } from "node:buffer";
import { closeSync, constants, openSync } from "node:fs";

import { later } from "@upkeep/program/loop/timer";
import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { lastShownWord } from "@upkeep/linux/exec/command-line";
import { duplicateOnto, setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { bytesOfName } from "@upkeep/linux/core/name-text";
import { errnoOf, reasonOf } from "@upkeep/linux/core/errno";
import { readAvailable, watchReadable } from "@upkeep/linux/fd/readable";
import { createPipe, type Pipe } from "@upkeep/linux/fd/pipe";

const { O_NONBLOCK, O_WRONLY } = constants;

/** Least length of the LOG argument, and the length of its start, `log: `, which stays as it is. */
const leastLength = 7;
const prefixLength = 5;
/** Time after which one `.` is added, in ms, so that old text moves out of sight. */
const dotEvery = 900_000;

/** How much is read at a time, and the pause after that, in ms: a service that writes without end must not keep us busy. */
const chunk = 65_536;
const readPause = 50;
/** Milliseconds between two changes of the window. */
const showEvery = 250;

/** Runs an action so many ms later. */
type Later = (action: () => void, millis: number) => void;

/** The window in our command line that shows what was written to standard error. */
export interface TitleLog {
  /** The standard error of all children. */
  readonly stderr: number;
  /** Makes room in the pipe for a message of ours. */
  drain(): void;
  readonly pipe: Pipe;
}

/**
 * Turns the LOG argument into a window on the latest bytes that we and our descendants write to standard error. From
 * here on descriptor 2 is a pipe that we read.
 *
 * @param following the number of words in the command line after it. @param former the pipe of the program that was this
 * process before, which is ours from now on.
 * @returns null after a warning, when that is impossible.
 */
export function openTitleLog(
  text: string,
  following: number,
  say: Diagnostics,
  former: Pipe | null = null,
): TitleLog | null {
  const disable = (reason: string): null => {
    say.warning(reason);
    say.warning("log service disabled.");
    return null;
  };
  const bytes = bytesOfName(text);
  if (bytes.length < leastLength) return disable("log must have at least seven characters.");
  const word = lastShownWord(following);
  if (word === null || word.length !== bytes.length) return disable("unable to find log in command line");
  let pipe: Pipe;
  try {
    pipe = former ?? createPipe();
    redirect(pipe);
  } catch (error) {
    return disable(`unable to create pipe for log: ${reasonOf(errnoOf(error))}`);
  }
  const push = createWindow(bytes, (shown) => word.show(shown), later);
  const reader = readInTurns(pipe.read, push, later);
  setInterval(() => push(Buffer.from(".")), dotEvery);
  return { stderr: pipe.write, drain: reader.take, pipe };
}

function redirect({ read, write }: Pipe): void {
  setNonBlocking(read, true);
  // We must not block on a pipe that only we read, but services expect one that blocks: so ours is opened separately.
  const own = openSync(`/proc/self/fd/${write}`, O_WRONLY | O_NONBLOCK);
  duplicateOnto(own, 2);
  closeSync(own);
}

/** Returns what takes bytes into the window. It is shown a few times a second at most. */
export function createWindow(
  text: Uint8Array,
  show: (shown: Uint8Array) => void,
  waitFor: Later,
): (bytes: Uint8Array) => void {
  const shown = Buffer.from(text);
  let isTimed = false;
  let isStale = false;
  const refresh = (): void => {
    if (isTimed || !isStale) return;
    isStale = false;
    isTimed = true;
    show(shown);
    waitFor(() => {
      isTimed = false;
      refresh();
    }, showEvery);
  };
  return (bytes) => {
    shiftIn(shown.subarray(prefixLength), bytes);
    isStale = true;
    refresh();
  };
}

/** Moves the window: bytes enter on the right. A NUL, which would end the word, is dropped. */
export function shiftIn(window: Uint8Array, bytes: Uint8Array): void {
  let count = 0;
  let at = bytes.length;
  while (at > 0 && count < window.length) {
    at--;
    if (bytes[at] !== 0) count++;
  }
  const fresh = bytes.subarray(at).filter((byte) => byte !== 0);
  window.copyWithin(0, fresh.length);
  window.set(fresh, window.length - fresh.length);
}

/** Reads a pipe of which we hold the other end as well, so that it never ends. */
export function readInTurns(fd: number, push: (bytes: Uint8Array) => void, waitFor: Later): { take(): void } {
  const bytes = new Uint8Array(chunk);
  /** Reads once, and no more. */
  const take = (): void => {
    const count = readAvailable(fd, bytes);
    if (count > 0) push(bytes.subarray(0, count));
  };
  const readable = watchReadable(fd, () => {
    take();
    waitFor(() => readable.wait(), readPause);
  });
  readable.wait();
  return { take };
}
