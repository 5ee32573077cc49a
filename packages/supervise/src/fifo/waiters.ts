import { closeSync, constants, fstatSync, mkdirSync, openSync, readdirSync, renameSync } from "node:fs";

import { errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";
import { pathOfName } from "@upkeep/linux/core/name-text";
import { makeFifo } from "@upkeep/linux/fd/fifo";
import { isThere, O_PATH, removeQuietly } from "@upkeep/linux/fd/files";
import { readAvailable, watchReadable } from "@upkeep/linux/fd/readable";
import { sendSignal } from "@upkeep/linux/signal/signal";

import { writeToFifo } from "./client-end.ts";

// A runsv that waits for another service puts a FIFO into the `supervise/waiters` directory of that service and reads it.
// The runsv of that service writes a byte into each FIFO when something has changed; its files say what.
//
// The two may belong to different users. So neither follows a link there, and nobody can guess a name before it exists.

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;

/** What a waiter reads. That it comes is the message. */
const wakeUp = "s";
/** How the name of a FIFO begins until it is open. Without a reader it would be taken for a dead waiter's. */
const unfinished = ".new-";

/** All listeners share the room for what they read. */
const room = new Uint8Array(4096);

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
  const entry = `${name.toWellFormed()}.${process.pid}.${crypto.randomUUID().slice(0, 13)}`;
  let directory: number;
  try {
    makeIfMissing(() => mkdirSync(pathOfName(`${supervise}/waiters`), 0o700));
    directory = openWaiters(supervise);
  } catch {
    return null;
  }
  const path = `/proc/self/fd/${directory}/${entry}`;
  let fd: number;
  try {
    fd = openFifo(`/proc/self/fd/${directory}/${unfinished}${entry}`, path);
  } catch {
    closeSync(directory);
    return null;
  }
  const readable = watchReadable(fd, () => {
    // One read and no more: whoever writes without end must not hold us up.
    const count = readAvailable(fd, room);
    readable.wait();
    // It may close us.
    if (count > 0) onChange();
  });
  readable.wait();
  return {
    // By its name: another directory may have taken the place of the one that is open.
    isAlive: () => isThere(pathOfName(`${supervise}/waiters/${entry}`)),
    close: () => {
      readable.close();
      closeSync(fd);
      removeQuietly(path);
      closeSync(directory);
    },
  };
}

/** Opens the directory of the FIFOs, which may be no link. Throws as node:fs does. */
function openWaiters(supervise: string): number {
  return openSync(pathOfName(`${supervise}/waiters`), O_PATH | O_DIRECTORY | O_NOFOLLOW);
}

/** Makes a FIFO and opens it before it gets its name. Throws as node:fs does, or SystemError. */
function openFifo(fresh: string, path: string): number {
  makeFifo(fresh, 0o600);
  // For writing as well: without a writer the input would be at its end.
  const fd = openSync(fresh, O_RDWR | O_NONBLOCK | O_NOFOLLOW);
  try {
    if (!fstatSync(fd).isFIFO()) throw new SystemError(`open ${fresh}`, errno.ENOTFIFO);
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
  // For most services nobody waits, and an exception costs more than this question.
  if (!isThere(pathOfName(`${supervise}/waiters`))) return;
  let directory: number;
  try {
    directory = openWaiters(supervise);
  } catch {
    return;
  }
  try {
    wakeAll(`/proc/self/fd/${directory}`);
  } finally {
    closeSync(directory);
  }
}

function wakeAll(directory: string): void {
  for (const name of readdirSync(directory)) {
    const path = `${directory}/${name}`;
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
  const pid = Number(/\.(\d+)\.[\da-f-]+$/.exec(name)?.[1] ?? 0);
  return pid > 0 && sendSignal(pid, 0) === errno.ESRCH;
}

function makeIfMissing(make: () => void): void {
  try {
    make();
  } catch (error) {
    if (errnoOf(error) !== errno.EEXIST) throw error;
  }
}
