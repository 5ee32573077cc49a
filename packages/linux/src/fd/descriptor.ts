import { constants, openSync } from "node:fs";

import { libc } from "#libc";

import { SystemError } from "../core/errno.ts";

const F_GETFD = 1;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const O_ACCMODE = 3;
const F_DUPFD_CLOEXEC = 1030;
const FD_CLOEXEC = 1;

/** Whether the descriptor is a terminal. `node:tty` could tell, but it costs a process 0.7 MB. */
export function isTerminal(fd: number): boolean {
  return libc.isatty(fd) === 1;
}

/** Whether exec closes the descriptor (fcntl F_GETFD). Throws {@link SystemError}. */
export function isCloseOnExec(fd: number): boolean {
  return (fcntl(fd, F_GETFD, 0) & FD_CLOEXEC) !== 0;
}

/** The lowest number from `lowest` on that children do not inherit: there it is close-on-exec, or nothing is open. */
export function freeInChildren(lowest: number): number {
  const isPassedOn = (fd: number): boolean => {
    const flags = libc.fcntl(fd, F_GETFD, 0);
    return flags !== -1 && (flags & FD_CLOEXEC) === 0;
  };
  let fd = lowest;
  while (isPassedOn(fd)) fd += 1;
  return fd;
}

/** Sets or clears close-on-exec (fcntl F_SETFD). Throws {@link SystemError}. */
export function setCloseOnExec(fd: number, on: boolean): void {
  fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0);
}

/** Sets or clears O_NONBLOCK on the open file, for everybody who shares it. Throws {@link SystemError}. */
export function setNonBlocking(fd: number, on: boolean): void {
  const flags = fcntl(fd, F_GETFL, 0);
  const wanted = on ? flags | constants.O_NONBLOCK : flags & ~constants.O_NONBLOCK;
  if (wanted !== flags) fcntl(fd, F_SETFL, wanted);
}

/**
 * Makes standard output and error block again, for everybody who shares them. Most programs lose output on a non-blocking
 * pipe that nobody reads.
 *
 * The runtimes make a pipe or a socket non-blocking as soon as they use their own stream for it. Node does so when it
 * loads `node:util`, Bun when an assertion fails, as one does in yargs where no directory above has a package.json.
 */
export function blockOutputs(): void {
  for (const fd of [1, 2]) {
    try {
      setNonBlocking(fd, false);
    } catch {
      // It is closed.
    }
  }
}

/**
 * Opens a pipe or FIFO anew by one of its descriptors, for the same access. The new open file shares no flag with the old
 * one, such as O_NONBLOCK, and is close-on-exec. It waits for the other end where nobody has that open. Throws
 * {@link SystemError}, or as node:fs does: EACCES where the pipe belongs to another user.
 */
export function openAnew(fd: number): number {
  return openSync(`/proc/self/fd/${fd}`, fcntl(fd, F_GETFL, 0) & O_ACCMODE);
}

/** Makes `to` another name of the open file `from` (dup2). It is not close-on-exec. Throws {@link SystemError}. */
export function duplicateOnto(from: number, to: number): void {
  if (libc.dup2(from, to) === -1) throw new SystemError(`duplicate descriptor ${from}`, libc.errno());
}

/** Makes another name of the open file `fd`, from `lowest` on and close-on-exec (F_DUPFD_CLOEXEC). Throws {@link SystemError}. */
export function duplicateAbove(fd: number, lowest: number): number {
  return fcntl(fd, F_DUPFD_CLOEXEC, lowest);
}

/**
 * Closes a descriptor, also one of 0 to 2, which the runtimes refuse to close.
 *
 * @returns 0, or the errno: EBADF when it is not open.
 */
export function closeDescriptor(fd: number): number {
  return libc.close(fd) === -1 ? libc.errno() : 0;
}

function fcntl(fd: number, command: number, argument: number): number {
  const result = libc.fcntl(fd, command, argument);
  if (result === -1) throw new SystemError(`fcntl descriptor ${fd}`, libc.errno());
  return result;
}
