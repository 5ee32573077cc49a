import { errno, SystemError } from "@upkeep/linux/core/errno";
import type { ByteLock } from "@upkeep/linux/fd/byte-lock";

/** Lets one writer at a time write whole lines to an output. */
export interface OutputLock {
  /** True: now is the time to write. False: somebody else writes, try again soon. */
  acquire(): boolean;
  /** Gives back what is held. */
  release(): void;
}

/**
 * What is locked: nothing that a service can open, since whoever holds a lock holds up all others. Null: there is none,
 * and lines are written without.
 */
export interface OutputLocks {
  readonly lock: ByteLock;
  /** What a writer holds while it waits for the lock. */
  readonly turn: ByteLock;
}

/**
 * Makes a lock that is fair: a writer that waits for it holds the turn, so that a writer that always has something to
 * write does not keep the others out.
 *
 * A file on a server that knows no locks gives none (ENOLCK). Then we write without: lines of several writers may get
 * mixed, but none gets lost.
 *
 * @param warn is told so each time.
 */
export function createOutputLock(locks: OutputLocks | null, warn: (error: SystemError) => void): OutputLock {
  const lock = createLatch(locks?.lock ?? null, warn);
  // The lock is worth a try without a turn, too.
  const turn = createLatch(locks?.turn ?? null, () => {});
  return {
    acquire: () => {
      if (locks === null || lock.isHeld()) return true;
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

/** @param lock null: nobody can hold it. @param onImpossible the system has no lock to give. */
function createLatch(lock: ByteLock | null, onImpossible: (error: SystemError) => void): Latch {
  let isHeld = false;
  return {
    isHeld: () => isHeld,
    isTaken: () => {
      if (isHeld || lock === null) return false;
      try {
        isHeld = lock.tryLock();
        return !isHeld;
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        if (error.errno === errno.EINTR) return true;
        onImpossible(error);
        return false;
      }
    },
    release: () => {
      if (!isHeld || lock === null) return;
      isHeld = false;
      try {
        lock.unlock();
      } catch (error) {
        // Then it is not held.
        if (!(error instanceof SystemError)) throw error;
      }
    },
  };
}
