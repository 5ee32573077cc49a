import { libc } from "#libc";

import { type SignalName, signals } from "../core/signals.ts";

/**
 * Sends a signal to a process, or to the process group -`pid` if that is negative (kill(2)). Number 0 only asks whether it
 * exists.
 *
 * @returns 0, or the errno: ESRCH if it does not exist.
 */
export function sendSignal(pid: number, signal: SignalName | number): number {
  return libc.kill(pid, typeof signal === "number" ? signal : signals[signal]) === -1 ? libc.errno() : 0;
}
