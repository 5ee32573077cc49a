import { closeSync, constants, openSync } from "node:fs";

import { attempt } from "@upkeep/linux/core/errno";
import { keptTwin, takeKept } from "@upkeep/linux/exec/handover";
import { tryLock } from "@upkeep/linux/fd/lock";

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;

/** Through a link it could be made anywhere. */
const flags = O_WRONLY | O_NONBLOCK | O_APPEND | O_CREAT | O_NOFOLLOW;

/** An open `supervise/lock`. The process that holds the lock is the supervisor of the service. */
export interface LockFile {
  readonly fd: number;
  /** Tries to take the lock (flock); false when another process holds it. */
  tryLock(): boolean;
  /** Closes the file, which gives the lock back. */
  close(): void;
}

/**
 * Opens a lock file, which is made (0600) if it is not there. A program that was executed anew goes on with the lock of
 * the one before it, which nobody else can have taken meanwhile. Throws a SystemError that calls it `name`.
 */
export function openLockFile(path: string, name: string): LockFile {
  return new OpenLockFile(inheritLock(attempt(`open ${name}`, () => openSync(path, flags, 0o600))));
}

class OpenLockFile implements LockFile {
  readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  tryLock(): boolean {
    return tryLock(this.fd);
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** The descriptor that holds the lock already, in the place of a new one on the same file. */
function inheritLock(fd: number): number {
  const twin = keptTwin(fd);
  if (twin === null || !takeKept(twin)) return fd;
  closeSync(fd);
  return twin;
}
