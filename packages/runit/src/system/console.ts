import { closeSync, constants, openSync } from "node:fs";

import { harmless } from "@upkeep/program/core/one-line";
import { writeText } from "@upkeep/program/messages/output";
import { duplicateOnto, setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { errnoOf } from "@upkeep/linux/core/errno";

const path = "/dev/console";
const { O_NOCTTY, O_NONBLOCK, O_RDWR, O_WRONLY } = constants;

/** Opens the console as these descriptors. Without a console they stay as they are. */
export function useConsole(...targets: readonly number[]): void {
  let fd: number | null = null;
  try {
    // Nobody may read the console, a serial line for example: that must not block process 1.
    fd = openSync(path, O_WRONLY | O_NONBLOCK | O_NOCTTY);
    for (const target of targets) duplicateOnto(fd, target);
  } catch {
    // Messages go where they went before.
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

/** Writes a line to the console, which is opened anew: a hangup of the terminal cuts off the old descriptor. */
export function sayOnConsole(text: string): void {
  useConsole(2);
  writeText(2, `- runit: ${harmless(text)}\n`);
}

/** The console for reading. */
export type ConsoleInput = { readonly fd: number; readonly errno: 0 } | { readonly fd: null; readonly errno: number };

/** Opens the console for stage 1, which alone reads from it. */
export function openConsoleInput(): ConsoleInput {
  try {
    const fd = openSync(path, O_RDWR | O_NONBLOCK | O_NOCTTY);
    setNonBlocking(fd, false);
    return { fd, errno: 0 };
  } catch (error) {
    return { fd: null, errno: errnoOf(error) };
  }
}
