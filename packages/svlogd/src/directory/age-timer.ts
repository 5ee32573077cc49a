import { longestTimer } from "@upkeep/program/loop/timer";
import { monotonicMillis } from "@upkeep/linux/time/clock";

/** Ticks every so many seconds, as long as somebody wants it. */
export interface AgeTimer {
  /** Asks for the next tick. A tick that nobody asks for does not wake the process. */
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
      // As in runit, periods are counted from the start, whether or not the ticks before were wanted.
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
