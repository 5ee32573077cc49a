interface Timer {
  readonly action: () => void;
  readonly at: number;
}

/** A clock that stands until it is turned, and its timers. */
export class HandTimers {
  #now = 1_000_000;
  readonly #timers = new Set<Timer>();

  readonly now = (): number => this.#now;

  readonly later = (action: () => void, millis: number): (() => void) => {
    const timer = { action, at: this.#now + millis };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Turns the clock, stopping at every timer on the way. */
  turn(millis: number): this {
    const target = this.#now + millis;
    for (let next = this.#next(target); next !== undefined; next = this.#next(target)) {
      this.#now = next.at;
      this.#timers.delete(next);
      next.action();
    }
    this.#now = target;
    return this;
  }

  #next(target: number): Timer | undefined {
    return [...this.#timers].filter(({ at }) => at <= target).toSorted((one, other) => one.at - other.at)[0];
  }
}
