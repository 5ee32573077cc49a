import { closeSync, constants, fstatSync, openSync } from "node:fs";

import { libc } from "#libc";

import { errno, SystemError } from "../core/errno.ts";

const F_GETFL = 3;
const F_SETFL = 4;
const F_SETOWN = 8;
const F_SETSIG = 10;
const O_ASYNC = 0o20000;
/** The part of the flags that says for what a file is open. */
const accessMode = 3;

/** Ignored by default, so that one too many hurts nobody; SIGIO, the usual one, would kill. */
const wakeSignal = "SIGURG";
const wakeSignalNumber = 23;

/** How often, in ms, a descriptor is tried that cannot tell when it has something (a device, mostly). */
const poll = 50;

/**
 * Reads what is there, up to the size of `bytes`, from a non-blocking descriptor (read(2)).
 *
 * @returns how many bytes; 0 at the end of the input, -1 when there is nothing yet. Throws
 * {@link SystemError}.
 */
export function readAvailable(fd: number, bytes: Uint8Array): number {
  const count = libc.read(fd, bytes, bytes.length);
  if (count >= 0) return count;
  const number = libc.errno();
  if (number === errno.EAGAIN || number === errno.EINTR) return -1;
  throw new SystemError(`read descriptor ${fd}`, number);
}

/** Tells when there is something to read, and takes nothing itself. */
export interface Readiness {
  /**
   * Calls back once when something arrives from now on, or the input ends. What is there already may
   * go unnoticed, so the caller must try to read once more after this.
   */
  wait(): void;
  /** Calls back no more, until the next `wait`. */
  cancel(): void;
}

/** A descriptor that is watched. */
export interface Watch extends Readiness {
  /** Forgets the descriptor, which is left open. */
  close(): void;
}

/** Who is told of the signal, which does not say whose it is: one listener for all, as the runtimes warn of many. */
const wakers = new Set<() => void>();

function wakeAll(): void {
  for (const wake of wakers) wake();
}

/**
 * The descriptor to watch. Whoever has a FIFO open for both ends would get the signal for each of his own
 * reads, too, since it tells writers of room: so there it is another one, which is only for reading.
 */
function readingEnd(fd: number): number {
  const { O_NONBLOCK, O_RDONLY, O_RDWR } = constants;
  const flags = libc.fcntl(fd, F_GETFL, 0);
  try {
    if ((flags & accessMode) !== O_RDWR || !fstatSync(fd).isFIFO()) return fd;
    const reading = openSync(`/proc/self/fd/${fd}`, O_RDONLY | O_NONBLOCK);
    libc.fcntl(fd, F_SETFL, (flags | O_NONBLOCK) & ~O_ASYNC);
    return reading;
  } catch {
    return fd;
  }
}

/**
 * Watches a descriptor by the signal that the kernel sends for it (O_ASYNC, which pipes, FIFOs,
 * sockets and terminals have).
 *
 * The streams of the runtimes read ahead. A reader that must leave to its successor what it has not
 * dealt with cannot use them; nor can one that reads straight to where it wants the bytes. The
 * signal is asked for only while somebody waits, so that busy input costs none.
 */
export function watchReadable(input: number, onReadable: () => void): Watch {
  const fd = readingEnd(input);
  let isWaiting = false;
  let timer: NodeJS.Timeout | null = null;
  const setAsync = (on: boolean): boolean => {
    const flags = libc.fcntl(fd, F_GETFL, 0);
    if (flags === -1) return false;
    // Also set anew what whoever shares the open file may have changed.
    const wanted = (on ? flags | O_ASYNC : flags & ~O_ASYNC) | constants.O_NONBLOCK;
    if (wanted !== flags) libc.fcntl(fd, F_SETFL, wanted);
    return !on || (libc.fcntl(fd, F_GETFL, 0) & O_ASYNC) !== 0;
  };
  const cancel = (): void => {
    if (!isWaiting) return;
    isWaiting = false;
    if (timer !== null) clearTimeout(timer);
    timer = null;
    setAsync(false);
  };
  const wake = (): void => {
    if (!isWaiting) return;
    cancel();
    onReadable();
  };
  if (wakers.size === 0 && !process.listeners(wakeSignal).includes(wakeAll)) process.on(wakeSignal, wakeAll);
  wakers.add(wake);
  setAsync(false);
  return {
    wait: () => {
      if (isWaiting) return;
      isWaiting = true;
      libc.fcntl(fd, F_SETSIG, wakeSignalNumber);
      libc.fcntl(fd, F_SETOWN, process.pid);
      if (!setAsync(true)) timer = setTimeout(wake, poll);
    },
    cancel,
    close: () => {
      cancel();
      wakers.delete(wake);
      if (fd !== input) closeSync(fd);
    },
  };
}
