/** How a pause has gone so far. */
export interface Pause {
  /** Milliseconds waited for a pipe or FIFO that has no room. */
  readonly waited: number;
  /** Milliseconds until it is tried again. */
  readonly nextShort: number;
}

/** What follows a try that has failed. */
export interface PausePlan {
  readonly pause: Pause;
  /** Milliseconds until the next try. */
  readonly delay: number;
  /** Whether to tell of the failure. */
  readonly isReported: boolean;
}

/** Milliseconds between two tries, and between two messages, as in runit. */
const longDelay = 3000;
/** A reader may make room at any time, so a full pipe is tried again sooner: the first and the longest delay, in ms. */
const shortDelay = { first: 2, last: 100 };

/** Before a try has failed. */
export const noPause: Pause = { waited: 0, nextShort: shortDelay.first };

/** Plans the next try. `isFull`: a pipe or FIFO has no room (EAGAIN). */
export function planPause(pause: Pause, isFull: boolean): PausePlan {
  if (!isFull) return { pause, delay: longDelay, isReported: true };
  const { waited, nextShort: delay } = pause;
  const total = waited + delay;
  return {
    pause: { waited: total, nextShort: Math.min(2 * delay, shortDelay.last) },
    delay,
    isReported: Math.floor(total / longDelay) > Math.floor(waited / longDelay),
  };
}
