import { longestTimer } from "@upkeep/program/loop/timer";
import { monotonicMillis } from "@upkeep/linux/time/clock";

/** Ticks every so many seconds, as long as somebody wants it. */
export interface AgeTimer {
  /** Starts the ticking now; 0: there is none. */
  set(seconds: number): void;
  /** The next tick is wanted. Ticks that nobody wants do not wake the process. */
  arm(): void;
}

export function createAgeTimer(onTick: () => void): AgeTimer {
  let period = 0;
  let since = 0;
  let timer: NodeJS.Timeout | null = null;

  const armUntil = (due: number): void => {
    timer = setTimeout(
      () => {
        timer = null;
        if (monotonicMillis() < due) armUntil(due);
        else onTick();
      },
      Math.min(Math.ceil(due - monotonicMillis()), longestTimer),
    );
  };
  return {
    set: (seconds) => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      period = seconds * 1000;
      since = monotonicMillis();
    },
    arm: () => {
      if (period === 0 || timer !== null) return;
      // Ticks are counted from the start, whether or not the ones before were wanted: runit's way.
      const elapsed = monotonicMillis() - since;
      armUntil(since + (Math.floor(elapsed / period) + 1) * period);
    },
  };
}
