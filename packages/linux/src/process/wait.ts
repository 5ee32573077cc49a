import { libc } from "#libc";

import { errno, SystemError } from "../core/errno.ts";

const WNOHANG = 1;

/** A child that has ended, and its raw wait status (wait(2)). */
export interface Reaped {
  readonly pid: number;
  readonly status: number;
}

/** How a process ended: with a code of 0 to 255, or by a signal, perhaps with a core dump. */
export type Exit =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "killed"; readonly signal: number; readonly core: boolean };

/**
 * Reaps all children that have ended so far, orphans included, and never blocks. Call it on each SIGCHLD, which may stand
 * for many exits. Throws {@link SystemError}, but not for ECHILD.
 */
export function reapChildren(): readonly Reaped[] {
  const reaped: Reaped[] = [];
  const status = new Int32Array(1);
  const bytes = new Uint8Array(status.buffer);
  for (;;) {
    const pid = libc.waitpid(-1, bytes, WNOHANG);
    if (pid > 0) {
      reaped.push({ pid, status: status[0] ?? 0 });
      continue;
    }
    if (pid === 0) return reaped;
    const number = libc.errno();
    if (number === errno.ECHILD) return reaped;
    if (number !== errno.EINTR) throw new SystemError("wait for children", number);
  }
}

/** Takes a wait status apart, real-time signals included. */
export function decodeExit(status: number): Exit {
  const signal = status & 0x7f;
  return signal === 0
    ? { kind: "exited", code: (status >> 8) & 0xff }
    : { kind: "killed", signal, core: (status & 0x80) !== 0 };
}
