import { constants } from "node:os";

import { libc } from "#libc";

/** A signal's name, `SIGTERM`. */
export type SignalName = keyof typeof constants.signals;

/** The number of a signal on this machine. */
export function signalNumber(name: SignalName): number {
  return constants.signals[name];
}

/**
 * Sends a signal (kill(2)): to a process, to group -`pid` when negative; number 0 only asks whether
 * there is one.
 *
 * @returns 0, or the errno: ESRCH when there is none.
 */
export function sendSignal(pid: number, signal: SignalName | number): number {
  return libc.kill(pid, typeof signal === "number" ? signal : signalNumber(signal)) === -1 ? libc.errno() : 0;
}
