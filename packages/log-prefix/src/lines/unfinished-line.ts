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
  return new TimedLine(onLate);
}

class TimedLine implements UnfinishedLine {
  readonly #onLate: () => void;
  #timer: NodeJS.Timeout | undefined;
  #hasEnded = false;
  #isLate = false;

  constructor(onLate: () => void) {
    this.#onLate = onLate;
  }

  extend(): void {
    this.#isLate = false;
  }

  end(): void {
    this.#hasEnded = true;
  }

  atIdle(isBegun: boolean): "ended" | "late" | null {
    clearTimeout(this.#timer);
    const reason = this.#hasEnded ? "ended" : this.#isLate ? "late" : null;
    this.#hasEnded = this.#isLate = false;
    if (reason === null && isBegun) this.#timer = setTimeout(() => this.#becomeLate(), lineEndPause);
    return reason;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #becomeLate(): void {
    this.#isLate = true;
    this.#onLate();
  }
}
