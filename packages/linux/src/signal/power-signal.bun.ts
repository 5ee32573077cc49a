import { closeSync } from "node:fs";

import { dlopen, FFIType } from "bun:ffi";

import { libc } from "#libc";

import { takeKept } from "../exec/handover.ts";
import { signals } from "../core/signals.ts";
import { cString } from "../ffi/c-string.ts";
import { duplicateOnto, isCloseOnExec, setCloseOnExec } from "../fd/descriptor.ts";
import { readFifo } from "../fd/fifo-reader.ts";
import { libraryNames } from "../ffi/libc-signatures.ts";
import { createPipe } from "../fd/pipe.ts";

const { SIGPWR } = signals;
const RTLD_DEFAULT = 0;

/**
 * Calls back for each SIGPWR, by which a UPS daemon or a container's manager asks process 1 to power off.
 *
 * Bun gives no handler for it, because its engine uses that signal to stop threads; `quietRuntime` makes the engine use
 * another one. A signalfd(2) does not work either, because Bun waits for events with no signal blocked. A handler in
 * JavaScript cannot interrupt other code. But a function of the C library that takes an int can be the handler: close(2)
 * gets the number of the signal and closes the descriptor with that number. We make it the only writing end of a pipe, so
 * the reading end sees the end of input.
 *
 * @returns whether it can be received.
 */
export function onPowerSignal(callback: () => void): boolean {
  if (process.env["JSC_SIGNAL_FOR_GC"] === undefined || isTaken(SIGPWR)) return false;
  for (const name of libraryNames) {
    try {
      const { symbols } = dlopen(name, {
        dlsym: { args: [FFIType.u64_fast, FFIType.ptr], returns: FFIType.u64_fast },
      });
      const close = Number(symbols.dlsym(RTLD_DEFAULT, cString("close")));
      if (close === 0) return false;
      awaitClose(callback);
      libc.signal(SIGPWR, close);
      return true;
    } catch {
      // Not the name of the C library here, or a version without these functions.
    }
  }
  return false;
}

/** A signal that comes before the pipe is there again is the same request as the one before. */
function awaitClose(callback: () => void): void {
  const { read, write } = createPipe();
  duplicateOnto(write, SIGPWR);
  setCloseOnExec(SIGPWR, true);
  closeSync(write);
  const reader = readFifo(read, {
    onBytes: () => {},
    onError: () => {
      reader.close();
      // First: the effect of this signal may make somebody send the next one.
      awaitClose(callback);
      callback();
    },
  });
}

/** Whether the descriptor is open for something else. Before this program was executed anew it was open for the same. */
function isTaken(fd: number): boolean {
  try {
    isCloseOnExec(fd);
    return !takeKept(fd);
  } catch {
    return false;
  }
}
