import { longestTimer } from "@upkeep/linux/time/timer";
import { monotonicMillis } from "@upkeep/linux/time/clock";

/** Ticks at the end of a period, if it has been asked to. */
export interface AgeTimer {
  /** Asks for the next tick. Without that the process is not woken. */
  arm(): void;
  /** There are no more ticks. */
  stop(): void;
}

/** Makes a timer whose periods begin now. With 0 seconds it never ticks. */
export function createAgeTimer(seconds: number, onTick: () => void): AgeTimer {
  const since = monotonicMillis();
  let period = seconds * 1000;
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
    arm: () => {
      if (period === 0 || timer !== null) return;
      // As in runit, periods are counted from the start, whether or not there were ticks before.
      const elapsed = monotonicMillis() - since;
      armUntil(since + (Math.floor(elapsed / period) + 1) * period);
    },
    stop: () => {
      period = 0;
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}
