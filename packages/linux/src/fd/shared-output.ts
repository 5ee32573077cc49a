import { constants, fstatSync, openSync, writeSync } from "node:fs";

import { libc } from "#libc";

import { errno, errnoOf, SystemError } from "../core/errno.ts";
import { enlargePipe } from "./pipe.ts";
import { isReadyFor, POLLOUT } from "./poll.ts";

/** A descriptor that others write to as well. They share the open file, and so its flags, with us. */
export interface SharedOutput {
  /**
   * Writes as much as there is room for now, and never waits for a reader.
   *
   * @returns how many bytes; -1 when there is no room. Throws {@link SystemError}.
   */
  write(bytes: Uint8Array): number;
  /** For `watchWritable`, which tells when there is room; null where nothing tells. */
  readonly roomFd: number | null;
}

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
/** The size in bytes that we ask for a pipe: a writer that need not wait works faster. */
const pipeSize = 1 << 18;
/** How much a pipe takes at least when poll(2) says that it takes something. */
const pipeBuffer = 4096;

/** Makes `fd` a descriptor to write lines to, without changing the open file for others. Never throws. */
export function openSharedOutput(fd: number): SharedOutput {
  const kind = kindOf(fd);
  // All writers share the position in a file. A write to a file never waits.
  if (kind === "file") return { write: (bytes) => writeOwn(fd, bytes), roomFd: null };
  const own = openAgain(fd);
  if (own !== null) enlargePipe(own, pipeSize);
  if (own !== null) return { write: (bytes) => writeOwn(own, bytes), roomFd: own };
  const write = kind === "socket" ? writeSocket : writeGuarded;
  return { write: (bytes) => write(fd, bytes), roomFd: null };
}

/** Null for a socket, and for a file of another user. */
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

/** Writes to a blocking pipe: asks first, and writes no more than fits then. */
function writeGuarded(fd: number, bytes: Uint8Array): number {
  if (!isReadyFor(fd, POLLOUT)) return -1;
  return writeOwn(fd, bytes.subarray(0, pipeBuffer));
}
