import { closeSync, constants, fstatSync, openSync } from "node:fs";

import { libc } from "#libc";

import { errno, SystemError } from "../core/errno.ts";
import { signals } from "../core/signals.ts";

const F_GETFL = 3;
const F_SETFL = 4;
const F_SETOWN = 8;
const F_SETSIG = 10;
const O_ASYNC = 0o20000;
/** The bits of the flags that say whether a file is open for reading, writing or both. */
const accessMode = 3;

/** A signal that is ignored by default, so that a late one does no harm. SIGIO, the usual one, would kill. */
const wakeSignal = "SIGURG";

/** Milliseconds between two tries of a descriptor that sends no signal; mostly a device. */
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

/** Tells when there is something to read. Reads nothing itself. */
export interface Readiness {
  /**
   * Calls back once when something arrives from now on, or the input ends. It may miss what is there already, so the
   * caller must try to read once more after this call.
   */
  wait(): void;
  /** Calls back no more, until the next `wait`. */
  cancel(): void;
}

/** A descriptor that is watched. */
export interface Watch extends Readiness {
  /** Stops watching. The descriptor stays open. */
  close(): void;
}

/** All watches. The signal does not say whose it is, and the runtimes warn of many listeners, so there is one for all. */
const wakers = new Set<() => void>();

function wakeAll(): void {
  for (const wake of wakers) wake();
}

/**
 * The descriptor to watch. The signal also tells writers of room. A descriptor that is open for both ends of a FIFO would
 * get it for each of our own reads, so there we watch another one, which is only for reading.
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
 * Watches a descriptor by the signal that the kernel sends for it (O_ASYNC, which pipes, FIFOs, sockets and terminals
 * have).
 *
 * The streams of the runtimes read ahead, and into memory of their own. A reader that leaves to its successor what it has
 * not dealt with cannot use them. We ask for the signal only while somebody waits, so busy input costs no signals.
 */
export function watchReadable(input: number, onReadable: () => void): Watch {
  const fd = readingEnd(input);
  let isWaiting = false;
  let timer: NodeJS.Timeout | null = null;
  const setAsync = (on: boolean): boolean => {
    const flags = libc.fcntl(fd, F_GETFL, 0);
    if (flags === -1) return false;
    // Somebody who shares the open file may have cleared O_NONBLOCK.
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
      libc.fcntl(fd, F_SETSIG, signals[wakeSignal]);
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
