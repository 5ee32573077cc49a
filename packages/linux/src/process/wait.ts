import { libc } from "#libc";

import { errno, SystemError } from "../core/errno.ts";

const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x0100_0000;
const P_ALL = 0;
/** Where siginfo_t has the pid, in 32-bit words. */
const pidAt = 4;

/** What the two calls fill. It is read at once, so all of them share it. */
const waitStatus = new Int32Array(1);
const statusBytes = new Uint8Array(waitStatus.buffer);
const info = new Int32Array(32);
const infoBytes = new Uint8Array(info.buffer);

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
 *
 * @param before called for each that is about to be reaped: /proc still tells of it then.
 */
export function reapChildren(before?: (pid: number) => void): readonly Reaped[] {
  const reaped: Reaped[] = [];
  for (;;) {
    const next = before === undefined ? -1 : endedChild();
    if (next > 0) before?.(next);
    const pid = libc.waitpid(next > 0 ? next : -1, statusBytes, WNOHANG);
    if (pid > 0) {
      reaped.push({ pid, status: waitStatus[0] ?? 0 });
      continue;
    }
    if (pid === 0) return reaped;
    const number = libc.errno();
    if (number === errno.ECHILD) return reaped;
    if (number !== errno.EINTR) throw new SystemError("wait for children", number);
  }
}

/** A child that can be reaped; -1 where there is none, or that cannot be told. It stays as it is (waitid(2), WNOWAIT). */
function endedChild(): number {
  // The kernel need not fill it where there is none.
  info[pidAt] = 0;
  if (libc.waitid(P_ALL, 0, infoBytes, WEXITED | WNOHANG | WNOWAIT) === -1) return -1;
  return info[pidAt] || -1;
}

/** Takes a wait status apart, real-time signals included. */
export function decodeExit(status: number): Exit {
  const signal = status & 0x7f;
  return signal === 0
    ? { kind: "exited", code: (status >> 8) & 0xff }
    : { kind: "killed", signal, core: (status & 0x80) !== 0 };
}
