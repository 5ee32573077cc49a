import { constants, fstatSync, openSync, writeSync } from "node:fs";

import { libc } from "#libc";

import { errno, errnoOf, SystemError } from "../core/errno.ts";
import { enlargePipe } from "./pipe.ts";

/** A descriptor that others write to as well, and whose open file, with its flags, they share with us. */
export interface SharedOutput {
  /**
   * Writes what can be taken now, and never waits for a reader.
   *
   * @returns how many bytes; -1 when there is no room. Throws {@link SystemError}.
   */
  write(bytes: Uint8Array): number;
  /** For `watchReadable`, which tells of room here; null where nothing tells. */
  readonly roomFd: number | null;
  /**
   * For flock(2), which keeps two writers of whole lines apart; null where the open file cannot be
   * opened again: a lock on the shared one would be all writers' lock.
   */
  readonly lockFd: number | null;
}

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const POLLOUT = 4;
/** How much a pipe is to hold, if it is one and the system allows: a writer who need not wait works faster. */
const pipeSize = 1 << 18;
/** What a pipe takes without waiting when poll(2) says that it takes anything. */
const pipeBuffer = 4096;

/** Makes `fd` a descriptor to write lines to, without changing the open file for others. Never throws. */
export function openSharedOutput(fd: number): SharedOutput {
  const own = openAgain(fd);
  const kind = kindOf(fd);
  if (kind === "file") {
    // The position in a file is shared as well; and a file always takes what is written.
    return { write: (bytes) => writeOwn(fd, bytes), roomFd: null, lockFd: own };
  }
  if (own !== null) enlargePipe(own, pipeSize);
  if (own !== null) return { write: (bytes) => writeOwn(own, bytes), roomFd: own, lockFd: own };
  const write = kind === "socket" ? writeSocket : writeGuarded;
  return { write: (bytes) => write(fd, bytes), roomFd: null, lockFd: null };
}

/** Null for a socket, and for what belongs to another user. */
function openAgain(fd: number): number | null {
  const { O_NOCTTY, O_NONBLOCK, O_WRONLY } = constants;
  try {
    return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return null;
  }
}

function kindOf(fd: number): "file" | "socket" | "other" {
  try {
    const found = fstatSync(fd);
    return found.isFile() ? "file" : found.isSocket() ? "socket" : "other";
  } catch {
    return "other";
  }
}

function writeOwn(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    if (errnoOf(error) === errno.EAGAIN) return -1;
    throw SystemError.from(`write descriptor ${fd}`, error);
  }
}

function writeSocket(fd: number, bytes: Uint8Array): number {
  const count = libc.send(fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count >= 0) return count;
  const number = libc.errno();
  if (number === errno.EAGAIN || number === errno.EINTR) return -1;
  throw new SystemError(`write descriptor ${fd}`, number);
}

/** For a blocking pipe: asks before, and writes no more than it then takes. */
function writeGuarded(fd: number, bytes: Uint8Array): number {
  const entry = new Uint8Array(8);
  const view = new DataView(entry.buffer);
  view.setInt32(0, fd, true);
  view.setInt16(4, POLLOUT, true);
  if (libc.poll(entry, 1, 0) <= 0) return -1;
  return writeOwn(fd, bytes.subarray(0, pipeBuffer));
}
