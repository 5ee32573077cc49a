import { closeSync, constants, openSync } from "node:fs";

import { attempt } from "@upkeep/linux/core/errno";
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

/** Opens a lock file, which is made (0600) if it is not there. Throws a SystemError that calls it `name`. */
export function openLockFile(path: string, name: string): LockFile {
  const fd = attempt(`open ${name}`, () => openSync(path, flags, 0o600));
  return { fd, tryLock: () => tryLock(fd), close: () => closeSync(fd) };
}
