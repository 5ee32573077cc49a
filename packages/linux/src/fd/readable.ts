import { libc } from "#libc";

import { errno, SystemError } from "../core/errno.ts";
import { stayAlive } from "../time/timer.ts";
import { setNonBlocking } from "./descriptor.ts";
import { createEpoll, mostTaken, type Epoll } from "./epoll.ts";
import { onSignals, prepareSignals, startSignals, stopSignals } from "./io-signal.ts";
import { isReadyFor, POLLIN, POLLOUT } from "./poll.ts";
import { onceReadable } from "./wake.ts";

/** Milliseconds between two tries of what the kernel cannot watch, such as a plain file. */
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
  /** Calls back once when there is something to read, or the input ends. */
  wait(): void;
  /** Calls back no more, until the next `wait`. */
  cancel(): void;
}

/** A descriptor that is watched. */
export interface Watch extends Readiness {
  /** Stops watching. Comes before the descriptor is closed, which is left to the caller. */
  close(): void;
}

/** Knows which of our descriptors are ready. It is readable itself when one is. */
let epoll: Epoll | null = null;
const watches = new Map<number, () => void>();
/**
 * Those that send no signal: for them the runtime watches the epoll. That takes a descriptor more, and Bun wakes once a
 * second meanwhile.
 */
const silent = new Set<number>();
/** Whether it does now. */
let isWatched = false;

function openEpoll(): Epoll {
  if (epoll === null) {
    epoll = createEpoll();
    onSignals(wakeReady);
    stayAlive();
  }
  return epoll;
}

function wakeReady(): void {
  // There may be more, of which no signal tells any more.
  if (wakeSome()) setImmediate(wakeReady);
}

/** Calls back for all that is ready by now, as otherwise happens in the next turn of the event loop. */
export function wakeAllReady(): void {
  // Whoever is written to all the time waits for that turn.
  for (let rounds = Math.ceil(watches.size / mostTaken); rounds > 0 && wakeSome(); rounds -= 1);
}

/** Returns whether there may be more. */
function wakeSome(): boolean {
  const ready = epoll?.take() ?? [];
  for (const fd of ready) watches.get(fd)?.();
  return ready.length === mostTaken;
}

function watchSilent(all: Epoll): void {
  if (isWatched || silent.size === 0) return;
  isWatched = true;
  const wakeSilent = (): void => {
    isWatched = false;
    try {
      wakeReady();
    } finally {
      watchSilent(all);
    }
  };
  try {
    onceReadable(all.fd, wakeSilent);
  } catch {
    // It needs a descriptor, and there is none.
    setTimeout(wakeSilent, poll);
  }
}

/**
 * Watches a descriptor, of any kind that epoll(7) knows, until it can be read from.
 *
 * The streams of the runtimes read ahead, and into memory of their own. A reader that leaves to its successor what it has
 * not dealt with cannot use them.
 */
export function watchReadable(fd: number, onReadable: () => void): Watch {
  return watch(fd, POLLIN, onReadable);
}

/** As {@link watchReadable}, of what sends no signals and is never read, such as a pidfd: nothing of it need be prepared. */
export function watchReady(fd: number, onReady: () => void): Watch {
  return watch(fd, POLLIN, onReady, false);
}

/** As {@link watchReadable}, until there is room to write. */
export function watchWritable(fd: number, onRoom: () => void): Watch {
  return watch(fd, POLLOUT, onRoom);
}

function watch(fd: number, events: number, onReady: () => void, maySignal = true): Watch {
  let isWaiting = false;
  let timer: NodeJS.Timeout | undefined;
  let hasSignals = false;
  let isNew = true;
  const prepare = (): void => {
    if (maySignal) beNonBlocking(fd);
  };
  const rest = (): void => {
    isWaiting = false;
    clearTimeout(timer);
    if (hasSignals) stopSignals(fd);
    hasSignals = false;
    if (watches.get(fd) === wake) silent.delete(fd);
  };
  const wake = (): void => {
    if (!isWaiting) return;
    rest();
    prepare();
    onReady();
  };
  prepare();
  return {
    wait: () => {
      if (isWaiting) return;
      isWaiting = true;
      if (!isNew) prepare();
      try {
        const all = openEpoll();
        watches.set(fd, wake);
        all.arm(fd, events, isNew);
        if (isNew && maySignal) prepareSignals(fd);
        isNew = false;
        hasSignals = maySignal && startSignals(fd);
        if (!hasSignals) {
          silent.add(fd);
          watchSilent(all);
        } else if (isReadyFor(fd, events)) setImmediate(wakeReady);
      } catch {
        timer = setTimeout(wake, poll);
      }
    },
    cancel: rest,
    close: () => {
      rest();
      if (watches.get(fd) !== wake) return;
      watches.delete(fd);
      epoll?.remove(fd);
    },
  };
}

/** Somebody who shares the open file may have cleared the flag, and then a read would wait. */
function beNonBlocking(fd: number): void {
  try {
    setNonBlocking(fd, true);
  } catch {
    // It is closed, which reading will tell.
  }
}
