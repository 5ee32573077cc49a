import { errno, SystemError } from "@upkeep/linux/core/errno";

/** Work that is tried again until it succeeds. */
export interface Pausing {
  /** Tries it now, unless it is waiting for its next try. */
  work(): void;
  /** Tries it at once, even while waiting. */
  workNow(): void;
  isPausing(): boolean;
  /** Tries it for the last time; what is wrong, or null when all was done. */
  settle(): SystemError | null;
}

/** What is to happen around the tries. */
export interface PauseHooks {
  /** Tells of a try that failed. */
  readonly say: (message: string) => void;
  /** A further try is about to be made. */
  readonly onRetry?: () => void;
  /** It has succeeded after a pause. */
  readonly onDone: () => void;
}

/** Milliseconds between two tries, and between two messages; runit's. */
const pause = 3000;
/** First and longest pause, in ms, for a reader that will take more as soon as it can. */
const shortPause = 2;
const longestShortPause = 100;

/**
 * Tries `attempt` until it throws no {@link SystemError}, with a message and a pause each time. It
 * must take up its work where it failed.
 */
export function createPausing(attempt: () => void, { say, onRetry, onDone }: PauseHooks): Pausing {
  let timer: NodeJS.Timeout | null = null;
  /** Milliseconds waited so far for a full pipe or FIFO. */
  let waited = 0;
  let nextShort = shortPause;

  const delayAfter = (error: SystemError): number => {
    if (error.errno !== errno.EAGAIN) {
      say(error.message);
      return pause;
    }
    const delay = nextShort;
    nextShort = Math.min(2 * delay, longestShortPause);
    if (Math.floor((waited + delay) / pause) > Math.floor(waited / pause)) say(error.message);
    waited += delay;
    return delay;
  };
  const run = (): void => {
    const wasPausing = timer !== null;
    if (timer !== null) clearTimeout(timer);
    timer = null;
    try {
      if (wasPausing) onRetry?.();
      attempt();
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      timer = setTimeout(run, delayAfter(error));
      return;
    }
    waited = 0;
    nextShort = shortPause;
    if (wasPausing) onDone();
  };
  return {
    work: () => {
      if (timer === null) run();
    },
    workNow: run,
    isPausing: () => timer !== null,
    settle: () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      try {
        attempt();
        return null;
      } catch (error) {
        if (error instanceof SystemError) return error;
        throw error;
      }
    },
  };
}
