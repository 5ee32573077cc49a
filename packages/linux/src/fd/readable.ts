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
const watches = new Map<number, DescriptorWatch>();
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
  const ready = takeReady();
  // There may be more, of which no signal tells any more.
  if (ready.length === mostTaken) setImmediate(wakeReady);
  wake(ready);
}

/** Calls back for all that is ready by now, as otherwise happens in the next turn of the event loop. */
export function wakeAllReady(): void {
  // Whoever is written to all the time waits for that turn.
  for (let rounds = Math.ceil(watches.size / mostTaken); rounds > 0; rounds -= 1) {
    const ready = takeReady();
    wake(ready);
    if (ready.length < mostTaken) return;
  }
}

function takeReady(): readonly number[] {
  return epoll?.take() ?? [];
}

function wake(ready: readonly number[]): void {
  for (const fd of ready) watches.get(fd)?.wake();
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
  return new DescriptorWatch(fd, POLLIN, onReadable, true);
}

/** As {@link watchReadable}, of what sends no signals and is never read, such as a pidfd: nothing of it need be prepared. */
export function watchReady(fd: number, onReady: () => void): Watch {
  return new DescriptorWatch(fd, POLLIN, onReady, false);
}

/** As {@link watchReadable}, until there is room to write. */
export function watchWritable(fd: number, onRoom: () => void): Watch {
  return new DescriptorWatch(fd, POLLOUT, onRoom, true);
}

class DescriptorWatch implements Watch {
  readonly #fd: number;
  readonly #events: number;
  readonly #onReady: () => void;
  readonly #maySignal: boolean;
  #isNew = true;
  #isWaiting = false;
  #hasSignals = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(fd: number, events: number, onReady: () => void, maySignal: boolean) {
    this.#fd = fd;
    this.#events = events;
    this.#onReady = onReady;
    this.#maySignal = maySignal;
    this.#prepare();
  }

  wait(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    if (!this.#isNew) this.#prepare();
    try {
      this.#arm(openEpoll());
    } catch {
      this.#timer = setTimeout(() => this.wake(), poll);
    }
  }

  cancel(): void {
    this.#isWaiting = false;
    clearTimeout(this.#timer);
    if (this.#hasSignals) stopSignals(this.#fd);
    this.#hasSignals = false;
    if (this.#isOurs()) silent.delete(this.#fd);
  }

  close(): void {
    this.cancel();
    if (!this.#isOurs()) return;
    watches.delete(this.#fd);
    epoll?.remove(this.#fd);
  }

  /** It may be ready. */
  wake(): void {
    if (!this.#isWaiting) return;
    this.cancel();
    this.#prepare();
    this.#onReady();
  }

  #prepare(): void {
    if (this.#maySignal) beNonBlocking(this.#fd);
  }

  #arm(all: Epoll): void {
    watches.set(this.#fd, this);
    all.arm(this.#fd, this.#events, this.#isNew);
    if (this.#isNew && this.#maySignal) prepareSignals(this.#fd);
    this.#isNew = false;
    this.#hasSignals = this.#maySignal && startSignals(this.#fd);
    if (!this.#hasSignals) {
      silent.add(this.#fd);
      watchSilent(all);
    } else if (isReadyFor(this.#fd, this.#events)) setImmediate(wakeReady);
  }

  /** Whether the descriptor has not come to mean another one that is watched. */
  #isOurs(): boolean {
    return watches.get(this.#fd) === this;
  }
}

/** Somebody who shares the open file may have cleared the flag, and then a read would wait. */
function beNonBlocking(fd: number): void {
  try {
    setNonBlocking(fd, true);
  } catch {
    // It is closed, which reading will tell.
  }
}
