import { errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";
import { tryLock, unlock } from "@upkeep/linux/fd/lock";

/** Keeps those who write whole lines to one output apart. */
export interface OutputLock {
  /** True: now is the time to write. False: somebody else is at it, try again soon. */
  acquire(): boolean;
  /** Gives back what is held. */
  release(): void;
}

/** What is locked. */
export interface LockPlaces {
  /** Null: there is nothing that could be locked. */
  readonly lock: number | null;
  /** What those hold who wait for the lock; null: nobody takes turns. */
  readonly turn: number | null;
}

/** flock(2): see `linux/fd/lock`. */
export interface Flock {
  readonly tryLock: (fd: number) => boolean;
  readonly unlock: (fd: number) => void;
}

/** What came of a try. `impossible`: not now and, as far as one knows, not later. */
type Tried = "held" | "taken" | "impossible";

/**
 * Whoever waits for the lock holds the turn, so that one who always has something to write does not keep the others out.
 *
 * Where the system has no lock to give, as for a file on a server that knows none (ENOLCK), what is to be written is
 * written without: lines of several writers may then get mixed, but none gets lost.
 *
 * @param warn is told so once.
 */
export function createOutputLock(
  { lock, turn }: LockPlaces,
  warn: (error: SystemError) => void,
  flock: Flock = { tryLock, unlock },
): OutputLock {
  let hasLock = false;
  let hasTurn = false;
  let isWarned = false;

  const tryPlace = (fd: number, onImpossible: (error: SystemError) => void): Tried => {
    try {
      return flock.tryLock(fd) ? "held" : "taken";
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      if (errnoOf(error) === errno.EINTR) return "taken";
      onImpossible(error);
      return "impossible";
    }
  };

  const free = (fd: number): void => {
    try {
      flock.unlock(fd);
    } catch (error) {
      // Then it is not held either.
      if (!(error instanceof SystemError)) throw error;
    }
  };

  const freeTurn = (): void => {
    if (hasTurn && turn !== null) free(turn);
    hasTurn = false;
  };

  const warnOnce = (error: SystemError): void => {
    if (!isWarned) warn(error);
    isWarned = true;
  };

  const acquire = (): boolean => {
    if (hasLock || lock === null) return true;
    if (!hasTurn && turn !== null) {
      // The lock itself is worth a try without a turn, which only makes it fair.
      const tried = tryPlace(turn, () => {});
      if (tried === "taken") return false;
      hasTurn = tried === "held";
    }
    const tried = tryPlace(lock, warnOnce);
    if (tried === "taken") return false;
    hasLock = tried === "held";
    freeTurn();
    return true;
  };

  return {
    acquire,
    release: () => {
      if (hasLock && lock !== null) free(lock);
      hasLock = false;
      freeTurn();
    },
  };
}
