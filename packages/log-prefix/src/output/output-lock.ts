import { errno, SystemError } from "@upkeep/linux/core/errno";
import { tryLock, unlock } from "@upkeep/linux/fd/lock";

/** Lets one writer at a time write whole lines to an output. */
export interface OutputLock {
  /** True: now is the time to write. False: somebody else writes, try again soon. */
  acquire(): boolean;
  /** Gives back what is held. */
  release(): void;
}

/**
 * Descriptors of what is locked: files that no service can open, since whoever holds a lock holds up all others. Null:
 * there are none, and lines are written without.
 */
export interface LockPlaces {
  readonly lock: number;
  /** What a writer holds while it waits for the lock. */
  readonly turn: number;
}

/** flock(2): see `linux/fd/lock`. */
export interface Flock {
  readonly tryLock: (fd: number) => boolean;
  readonly unlock: (fd: number) => void;
}

/**
 * Makes a lock that is fair: a writer that waits for it holds the turn, so that a writer that always has something to
 * write does not keep the others out.
 *
 * A file on a server that knows no locks gives none (ENOLCK). Then we write without: lines of several writers may get
 * mixed, but none gets lost.
 *
 * @param warn is told so once.
 */
export function createOutputLock(
  places: LockPlaces | null,
  warn: (error: SystemError) => void,
  flock: Flock = { tryLock, unlock },
): OutputLock {
  let isWarned = false;
  const lock = createLatch(places?.lock ?? null, flock, (error) => {
    if (!isWarned) warn(error);
    isWarned = true;
  });
  // The lock is worth a try without a turn, too.
  const turn = createLatch(places?.turn ?? null, flock, () => {});
  return {
    acquire: () => {
      if (places === null || lock.isHeld()) return true;
      if (turn.isTaken() || lock.isTaken()) return false;
      turn.release();
      return true;
    },
    release: () => {
      lock.release();
      turn.release();
    },
  };
}

/** A lock that we hold or not. */
interface Latch {
  isHeld(): boolean;
  /** Tries to hold it; true: somebody else holds it. */
  isTaken(): boolean;
  release(): void;
}

/** @param fd null: nobody can hold it. @param onImpossible the system has no lock to give. */
function createLatch(fd: number | null, flock: Flock, onImpossible: (error: SystemError) => void): Latch {
  let isHeld = false;
  return {
    isHeld: () => isHeld,
    isTaken: () => {
      if (isHeld || fd === null) return false;
      try {
        isHeld = flock.tryLock(fd);
        return !isHeld;
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        if (error.errno === errno.EINTR) return true;
        onImpossible(error);
        return false;
      }
    },
    release: () => {
      if (!isHeld || fd === null) return;
      isHeld = false;
      try {
        flock.unlock(fd);
      } catch (error) {
        // Then it is not held.
        if (!(error instanceof SystemError)) throw error;
      }
    },
  };
}
