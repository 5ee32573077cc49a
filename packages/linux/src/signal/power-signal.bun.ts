import { closeSync } from "node:fs";

import { dlopen, FFIType } from "bun:ffi";

import { libc } from "#libc";

import { signals } from "../core/signals.ts";
import { cString } from "../ffi/c-string.ts";
import { duplicateOnto, isCloseOnExec, setCloseOnExec } from "../fd/descriptor.ts";
import { readFifo } from "../fd/fifo-reader.bun.ts";
import { libraryNames } from "../ffi/libc-signatures.ts";
import { createPipe } from "../fd/pipe.ts";

const { SIGPWR } = signals;
const RTLD_DEFAULT = 0;

/**
 * Calls back for each SIGPWR, by which a UPS daemon or a container's manager asks process 1 to power off.
 *
 * Bun hands out no handlers for it, because its engine takes that signal for itself to stop threads;
 * {@link quietRuntime} has it take another one. Blocking it and reading it from a signalfd(2) fails as well,
 * because Bun waits for events with no signal blocked. A handler in JavaScript could not run in the middle
 * of anything. But the C library has functions that may be a signal's handler and take an int: close(2),
 * called with the signal's number, closes that descriptor. It is made the only writing end of a pipe,
 * whose reading end then has its end of input.
 *
 * @returns whether it can be received.
 */
export function onPowerSignal(callback: () => void): boolean {
  if (process.env["JSC_SIGNAL_FOR_GC"] === undefined || isOpen(SIGPWR)) return false;
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
      // Not the C library's name here, or one that is older than these functions in it.
    }
  }
  return false;
}

/** One that comes before the pipe is there again is the same request as the one just told. */
function awaitClose(callback: () => void): void {
  const { read, write } = createPipe();
  duplicateOnto(write, SIGPWR);
  setCloseOnExec(SIGPWR, true);
  closeSync(write);
  const reader = readFifo(
    read,
    () => {},
    () => {
      reader.close();
      // First: somebody may send another one as soon as he sees what came of this.
      awaitClose(callback);
      callback();
    },
  );
}

function isOpen(fd: number): boolean {
  try {
    isCloseOnExec(fd);
    return true;
  } catch {
    return false;
  }
}
