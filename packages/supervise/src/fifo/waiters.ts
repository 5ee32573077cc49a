import { closeSync, constants, mkdirSync, openSync, readdirSync, renameSync } from "node:fs";

import { errno, errnoOf } from "@upkeep/linux/core/errno";
import { makeFifo } from "@upkeep/linux/fd/fifo";
import { isThere, removeQuietly } from "@upkeep/linux/fd/files";
import { readAvailable, watchReadable } from "@upkeep/linux/fd/readable";
import { sendSignal } from "@upkeep/linux/signal/signal";

import { writeToFifo } from "./client-end.ts";

// Whoever waits for a service puts a FIFO into the `supervise/waiters` directory of that service and reads it; the
// service's runsv writes a byte to each of them when it has something to tell. What that is its files say.

const { O_NONBLOCK, O_RDONLY } = constants;

/** What a waiter reads. That it comes is the message. */
const wakeUp = "s";
/** What a FIFO is called until it is open: otherwise it would be taken for that of somebody who is gone. */
const unfinished = ".new-";

/** One ear at another service's supervise directory. */
export interface Listener {
  /** False when the FIFO has been removed: the supervise directory may be another one by now. */
  isAlive(): boolean;
  close(): void;
}

/**
 * Listens for changes of the service with that supervise directory.
 *
 * @param name of the one who listens. @returns null where there is no such directory, or we may not.
 */
export function listenTo(supervise: string, name: string, onChange: () => void): Listener | null {
  const directory = `${supervise}/waiters`;
  const entry = `${name}.${process.pid}`;
  const path = `${directory}/${entry}`;
  let fd: number;
  try {
    makeIfMissing(() => mkdirSync(directory, 0o700));
    fd = openFifo(`${directory}/${unfinished}${entry}`, path);
  } catch {
    return null;
  }
  const bytes = new Uint8Array(64);
  const readable = watchReadable(fd, () => look());
  const look = (): void => {
    let isChanged = false;
    for (;;) {
      readable.wait();
      // With no writer this is the end of the input, which says nothing.
      if (readAvailable(fd, bytes) <= 0) break;
      isChanged = true;
    }
    if (isChanged) onChange();
  };
  look();
  return {
    isAlive: () => isThere(path),
    close: () => {
      readable.close();
      closeSync(fd);
      removeQuietly(path);
    },
  };
}

/** Makes a FIFO that is open for reading when it gets its name. Throws as node:fs does, or SystemError. */
function openFifo(fresh: string, path: string): number {
  makeIfMissing(() => makeFifo(fresh, 0o600));
  const fd = openSync(fresh, O_RDONLY | O_NONBLOCK);
  try {
    renameSync(fresh, path);
    return fd;
  } catch (error) {
    closeSync(fd);
    removeQuietly(fresh);
    throw error;
  }
}

/** Wakes all that wait for the service with that supervise directory, and removes what is left of those that are gone. */
export function wakeWaiters(supervise: string): void {
  let names: readonly string[];
  try {
    names = readdirSync(`${supervise}/waiters`);
  } catch {
    return;
  }
  for (const name of names) {
    const path = `${supervise}/waiters/${name}`;
    if (name.startsWith(unfinished)) {
      if (isMakerGone(name)) removeQuietly(path);
      continue;
    }
    try {
      if (!writeToFifo(path, name, wakeUp)) removeQuietly(path);
    } catch {
      // Full, so that it wakes anyway; or gone this moment.
    }
  }
}

/** Whether whoever began to listen was killed at it. */
function isMakerGone(name: string): boolean {
  const pid = Number(/\.(\d+)$/.exec(name)?.[1] ?? 0);
  return pid > 0 && sendSignal(pid, 0) === errno.ESRCH;
}

function makeIfMissing(make: () => void): void {
  try {
    make();
  } catch (error) {
    if (errnoOf(error) !== errno.EEXIST) throw error;
  }
}
