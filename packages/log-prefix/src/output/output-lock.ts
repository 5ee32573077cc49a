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
  return locks === null ? noLock : new FairLock(locks, warn);
}

const noLock: OutputLock = { acquire: () => true, release: () => {} };

class FairLock implements OutputLock {
  readonly #lock: Latch;
  readonly #turn: Latch;

  constructor({ lock, turn }: OutputLocks, warn: (error: SystemError) => void) {
    this.#lock = new Latch(lock, warn);
    // The lock is worth a try without a turn, too.
    this.#turn = new Latch(turn, () => {});
  }

  acquire(): boolean {
    if (this.#lock.isHeld) return true;
    if (this.#turn.isTaken() || this.#lock.isTaken()) return false;
    this.#turn.release();
    return true;
  }

  release(): void {
    this.#lock.release();
    this.#turn.release();
  }
}

/** A lock that we hold or not. */
class Latch {
  readonly #lock: ByteLock;
  readonly #onImpossible: (error: SystemError) => void;
  isHeld = false;

  /** @param onImpossible the system has no lock to give. */
  constructor(lock: ByteLock, onImpossible: (error: SystemError) => void) {
    this.#lock = lock;
    this.#onImpossible = onImpossible;
  }

  /** Tries to hold it; true: somebody else holds it. */
  isTaken(): boolean {
    if (this.isHeld) return false;
    try {
      this.isHeld = this.#lock.tryLock();
      return !this.isHeld;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      if (error.errno === errno.EINTR) return true;
      this.#onImpossible(error);
      return false;
    }
  }

  release(): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    try {
      this.#lock.unlock();
    } catch (error) {
      // Then it is not held.
      if (!(error instanceof SystemError)) throw error;
    }
  }
}
