import { libc } from "#libc";

import { signals } from "../core/signals.ts";

const F_GETFL = 3;
const F_SETFL = 4;
const F_SETOWN = 8;
const F_SETSIG = 10;
const O_ASYNC = 0o20000;

/** A signal that is ignored by default, so that a late one does no harm. SIGIO, the usual one, would kill. */
const wakeSignal = "SIGURG";

/** Names this process, and the signal, for a descriptor, once before {@link startSignals}. */
export function prepareSignals(fd: number): void {
  libc.fcntl(fd, F_SETSIG, signals[wakeSignal]);
  libc.fcntl(fd, F_SETOWN, process.pid);
}

/**
 * Has the kernel send a signal when something happens to a descriptor (O_ASYNC), as it can for pipes, FIFOs, sockets and
 * terminals. What is ready already sends none.
 *
 * @returns false for any other kind.
 */
export function startSignals(fd: number): boolean {
  const flags = libc.fcntl(fd, F_GETFL, 0);
  if (flags === -1) return false;
  libc.fcntl(fd, F_SETFL, flags | O_ASYNC);
  // The flag stays off where the kind of descriptor knows no signals.
  return (libc.fcntl(fd, F_GETFL, 0) & O_ASYNC) !== 0;
}

/** Ends that: else our own reading of a FIFO that we have open for both ends would send some as well. */
export function stopSignals(fd: number): void {
  const flags = libc.fcntl(fd, F_GETFL, 0);
  if (flags !== -1) libc.fcntl(fd, F_SETFL, flags & ~O_ASYNC);
}

/** Calls back at each signal, which does not say for which descriptor it is. */
export function onSignals(act: () => void): void {
  process.on(wakeSignal, act);
}
