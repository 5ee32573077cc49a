import { closeSync, constants, openSync } from "node:fs";

import { oneLine } from "@upkeep/program/core/one-line";
import { writeText } from "@upkeep/program/messages/output";
import { duplicateOnto, setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { errnoOf } from "@upkeep/linux/core/errno";

const path = "/dev/console";
const { O_NOCTTY, O_NONBLOCK, O_RDWR, O_WRONLY } = constants;

/** Makes the console these descriptors of ours. Where there is none, they stay what they were. */
export function useConsole(...targets: readonly number[]): void {
  let fd: number | null = null;
  try {
    // A console that nobody empties (a serial line, say) must not stop process 1.
    fd = openSync(path, O_WRONLY | O_NONBLOCK | O_NOCTTY);
    for (const target of targets) duplicateOnto(fd, target);
  } catch {
    // What is said goes to where it went before.
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

/** Says a line on the console, opened anew: what somebody did to the terminal meanwhile cuts off the old descriptor. */
export function sayOnConsole(text: string): void {
  useConsole(2);
  writeText(2, `- runit: ${oneLine(text)}\n`);
}

/** A console to read from, for stage 1. */
export type ConsoleInput = { readonly fd: number; readonly errno: 0 } | { readonly fd: null; readonly errno: number };

/** Opens the console for stage 1, the only one that gets to read from it. */
export function openConsoleInput(): ConsoleInput {
  try {
    const fd = openSync(path, O_RDWR | O_NONBLOCK | O_NOCTTY);
    setNonBlocking(fd, false);
    return { fd, errno: 0 };
  } catch (error) {
    return { fd: null, errno: errnoOf(error) };
  }
}
