import { libc } from "#libc";

import { errno, SystemError } from "../core/errno.ts";
import { setNonBlocking } from "./descriptor.ts";
import { createEpoll, type Epoll } from "./epoll.ts";
import { POLLIN, POLLOUT } from "./poll.ts";
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

/** The runtimes watch few kinds of descriptors. So they watch this one, which is readable when one of ours is ready. */
let epoll: Epoll | null = null;
/** Whether the runtime watches it now. */
let isWatched = false;
const watches = new Map<number, () => void>();

function watchAll(all: Epoll): void {
  if (isWatched || watches.size === 0) return;
  isWatched = true;
  onceReadable(all.fd, () => {
    isWatched = false;
    try {
      for (const fd of all.take()) watches.get(fd)?.();
    } finally {
      watchAll(all);
    }
  });
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

/** As {@link watchReadable}, until there is room to write. */
export function watchWritable(fd: number, onRoom: () => void): Watch {
  return watch(fd, POLLOUT, onRoom);
}

function watch(fd: number, events: number, onReady: () => void): Watch {
  let isWaiting = false;
  let timer: NodeJS.Timeout | undefined;
  const wake = (): void => {
    if (!isWaiting) return;
    isWaiting = false;
    beNonBlocking(fd);
    onReady();
  };
  beNonBlocking(fd);
  return {
    wait: () => {
      if (isWaiting) return;
      isWaiting = true;
      beNonBlocking(fd);
      try {
        epoll ??= createEpoll();
        watches.set(fd, wake);
        epoll.arm(fd, events);
        watchAll(epoll);
      } catch {
        timer = setTimeout(wake, poll);
      }
    },
    cancel: () => {
      isWaiting = false;
      clearTimeout(timer);
    },
    close: () => {
      isWaiting = false;
      clearTimeout(timer);
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
