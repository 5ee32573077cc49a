import { libc } from "#libc";

import { type SignalName, signals } from "../core/signals.ts";

/**
 * Sends a signal (kill(2)): to a process, to group -`pid` when negative; number 0 only asks whether
 * there is one.
 *
 * @returns 0, or the errno: ESRCH when there is none.
 */
export function sendSignal(pid: number, signal: SignalName | number): number {
  return libc.kill(pid, typeof signal === "number" ? signal : signals[signal]) === -1 ? libc.errno() : 0;
}
