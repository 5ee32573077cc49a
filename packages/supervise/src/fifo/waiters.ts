import { closeSync, constants, mkdirSync, openSync, readdirSync, renameSync } from "node:fs";

import { errno, errnoOf } from "@upkeep/linux/core/errno";
import { makeFifo } from "@upkeep/linux/fd/fifo";
import { isThere, removeQuietly } from "@upkeep/linux/fd/files";
import { readAvailable, watchReadable } from "@upkeep/linux/fd/readable";
import { sendSignal } from "@upkeep/linux/signal/signal";

import { writeToFifo } from "./client-end.ts";

// A runsv that waits for another service puts a FIFO into the `supervise/waiters` directory of that service and reads it.
// The runsv of that service writes a byte into each FIFO when something has changed; its files say what.

const { O_NONBLOCK, O_RDONLY } = constants;

/** What a waiter reads. That it comes is the message. */
const wakeUp = "s";
/** How the name of a FIFO begins until it is open. Without a reader it would be taken for a dead waiter's. */
const unfinished = ".new-";

/** Listens at the supervise directory of another service. */
export interface Listener {
  /** False when the FIFO was removed; the supervise directory may be another one by now. */
  isAlive(): boolean;
  close(): void;
}

/**
 * Listens for changes of the service with that supervise directory.
 *
 * @param name of the service that listens. @returns null where there is no such directory, or no permission.
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
  const readable = watchReadable(fd, () => readAll());
  const readAll = (): void => {
    let isChanged = false;
    for (;;) {
      readable.wait();
      // Without a writer this is the end of the input, which means nothing.
      if (readAvailable(fd, bytes) <= 0) break;
      isChanged = true;
    }
    if (isChanged) onChange();
  };
  readAll();
  return {
    isAlive: () => isThere(path),
    close: () => {
      readable.close();
      closeSync(fd);
      removeQuietly(path);
    },
  };
}

/** Makes a FIFO and opens it before it gets its name. Throws as node:fs does, or SystemError. */
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

/** Wakes all who wait for the service with that supervise directory, and removes the FIFOs of those who have died. */
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
      // A full FIFO wakes its reader anyway; a FIFO that has just gone needs nothing.
    }
  }
}

/** Whether the process that began to listen was killed before it had finished. */
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
