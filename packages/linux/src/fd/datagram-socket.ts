import { Buffer } from "node:buffer";
import { chmodSync, closeSync, lstatSync, unlinkSync } from "node:fs";

import { libc } from "#libc";

import { attempt, errno, SystemError } from "../core/errno.ts";

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
/** Room for a path and its NUL in struct sockaddr_un. */
const pathSize = 108;

/**
 * Makes a Unix datagram socket at `path` with the access rights `mode`. The runtimes have no such sockets. It replaces a
 * socket that nobody reads any more.
 *
 * @returns its descriptor, which does not block. Throws {@link SystemError}: EADDRINUSE if somebody reads the socket that
 * is there, EEXIST if something else is there.
 */
export function openDatagramSocket(path: string, mode: number): number {
  const address = addressOf(path);
  removeStale(path, address);
  const fd = openSocket();
  try {
    if (libc.bind(fd, address, address.length) === -1) throw new SystemError(`bind ${path}`, libc.errno());
    attempt(`change mode of ${path}`, () => chmodSync(path, mode));
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function removeStale(path: string, address: Uint8Array): void {
  const found = attempt(`stat ${path}`, () => lstatSync(path, { throwIfNoEntry: false }));
  if (found === undefined) return;
  if (!found.isSocket()) throw new SystemError(`bind ${path}`, errno.EEXIST);
  const fd = openSocket();
  try {
    // Refused means that nobody has it open. A socket of another type gets another error: somebody has that one.
    const isStale = libc.connect(fd, address, address.length) === -1 && libc.errno() === errno.ECONNREFUSED;
    if (!isStale) throw new SystemError(`bind ${path}`, errno.EADDRINUSE);
  } finally {
    closeSync(fd);
  }
  attempt(`remove ${path}`, () => unlinkSync(path));
}

function openSocket(): number {
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd === -1) throw new SystemError("create socket", libc.errno());
  return fd;
}

/** struct sockaddr_un: the family in 16 bits, little-endian on all machines that we support, then the path and a NUL. */
function addressOf(path: string): Uint8Array {
  const bytes = Buffer.from(path, "utf8");
  if (bytes.length >= pathSize) throw new SystemError(`bind ${path}`, errno.ENAMETOOLONG);
  return Buffer.concat([Uint8Array.of(AF_UNIX, 0), bytes, Uint8Array.of(0)]);
}
