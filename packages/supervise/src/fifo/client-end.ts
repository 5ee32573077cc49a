import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";

import { attempt, errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";
import { pathOfName } from "@upkeep/linux/core/name-text";

import { encodeCommands, type Command } from "../core/command.ts";

// The end that `sv` uses. The supervisor's end makes FIFOs, for which it loads the foreign function interface. That would
// cost a client most of its start-up time, so the two stand apart.

const { O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;

/**
 * Whether a supervisor has the ok FIFO at `path` open. Throws SystemError where that cannot be told: ENOENT without a
 * FIFO, EACCES without permission, ENOTFIFO where something else is in its place.
 */
export function isSupervised(path: string, name: string): boolean {
  const fd = openWriter(path, name);
  if (fd === null) return false;
  closeSync(fd);
  return true;
}

/**
 * Writes commands to the control FIFO at `path`, all in one write.
 *
 * @returns false when no supervisor reads it. Throws SystemError; EAGAIN when the FIFO is full.
 */
export function sendControl(path: string, name: string, commands: readonly Command[]): boolean {
  return writeToFifo(path, name, encodeCommands(commands));
}

/** Writes letters to any FIFO of a supervise directory; returns and throws as {@link sendControl}. */
export function writeToFifo(path: string, name: string, letters: string): boolean {
  const fd = openWriter(path, name);
  if (fd === null) return false;
  try {
    const written = attempt(`write to ${name}`, () => writeSync(fd, letters));
    if (written !== letters.length) throw new SystemError(`write to ${name}`, errno.EAGAIN);
    return true;
  } catch (error) {
    // Its reader has just gone.
    if (errnoOf(error) === errno.EPIPE) return false;
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** Opens a FIFO for writing; null where nobody reads it. */
function openWriter(path: string, name: string): number | null {
  let fd: number;
  try {
    fd = openSync(pathOfName(path), O_WRONLY | O_NONBLOCK | O_NOFOLLOW);
  } catch (error) {
    if (errnoOf(error) === errno.ENXIO) return null;
    if (errnoOf(error) === errno.ELOOP) throw new SystemError(`open ${name}`, errno.ENOTFIFO);
    throw SystemError.from(`open ${name}`, error);
  }
  // The supervise directory may be another user's, who must not make us write into a file of ours.
  if (fstatSync(fd).isFIFO()) return fd;
  closeSync(fd);
  throw new SystemError(`open ${name}`, errno.ENOTFIFO);
}
