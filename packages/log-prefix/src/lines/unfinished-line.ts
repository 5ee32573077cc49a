/** Decides when a line is shown whose end has not come. */
export interface UnfinishedLine {
  /** More of it has come, so it is not late, even if we were held up. */
  extend(): void;
  /** Its end will not come. */
  end(): void;
  /**
   * All that has come has been read. Returns why the line is shown now, null: it is not. Where it `isBegun`, we are
   * woken when its end is late.
   */
  atIdle(isBegun: boolean): "ended" | "late" | null;
  /** Wakes nobody any more. */
  close(): void;
}

/** How long the end of a line is waited for, in ms. A prompt, and words before something that hangs, have none. */
const lineEndPause = 2000;

/** @param onLate is called when the end of a line is late. */
export function createUnfinishedLine(onLate: () => void): UnfinishedLine {
  let timer: NodeJS.Timeout | undefined;
  let hasEnded = false;
  let isLate = false;

  const becomeLate = (): void => {
    isLate = true;
    onLate();
  };
  return {
    extend: () => {
      isLate = false;
    },
    end: () => {
      hasEnded = true;
    },
    atIdle: (isBegun) => {
      clearTimeout(timer);
      const reason = hasEnded ? "ended" : isLate ? "late" : null;
      hasEnded = isLate = false;
      if (reason === null && isBegun) timer = setTimeout(becomeLate, lineEndPause);
      return reason;
    },
    close: () => clearTimeout(timer),
  };
}
