import { Buffer } from "node:buffer";
import { closeSync, constants, openSync, writeSync } from "node:fs";

import { attempt } from "@upkeep/linux/core/errno";

import { encodeLine, type TraceLine } from "../core/trace.ts";

/** Writes down what a state machine does. Nothing it does throws. */
export interface Trace {
  /** To be told first: the state before any event. */
  readonly begin: (state: unknown) => void;
  readonly step: (event: unknown, effects: readonly unknown[], state: unknown) => void;
}

const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;

/**
 * Opens a file, or the file or pipe behind a descriptor by its number. It is opened for this process alone, so that no
 * child inherits it, and so that a pipe nobody reads does not block us.
 *
 * @returns null when that fails, which is a warning.
 */
export function openTraceFile(
  target: string,
  program: string,
  about: string,
  warn: (message: string) => void,
  pid: number = process.pid,
): Trace | null {
  const giveUp = (error: unknown): null => {
    warn(error instanceof Error ? error.message : String(error));
    return null;
  };
  let fd: number | null;
  try {
    fd = attempt(`open trace ${target}`, () => open(target));
  } catch (error) {
    return giveUp(error);
  }
  const write = (line: TraceLine): void => {
    if (fd === null) return;
    try {
      const bytes = Buffer.from(encodeLine(line));
      const descriptor = fd;
      const written = attempt(`write trace ${target}`, () => writeSync(descriptor, bytes));
      if (written < bytes.length) throw new Error(`unable to write trace ${target}: only a part was written`);
    } catch (error) {
      closeSync(fd);
      fd = giveUp(error);
    }
  };
  return {
    begin: (state) => write({ program, about, pid, state }),
    step: (event, effects, state) => write({ pid, event, effects, state }),
  };
}

function open(target: string): number {
  const isDescriptor = /^\d{1,6}$/.test(target);
  const path = isDescriptor ? `/proc/self/fd/${target}` : target;
  const fd = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o600);
  // A child would inherit it.
  if (isDescriptor && Number(target) > 2) closeSync(Number(target));
  return fd;
}
