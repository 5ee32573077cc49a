import { monotonicMillis } from "@upkeep/linux/time/clock";
import { expect, test } from "vitest";

import { createAgeTimer, type AgeTimer } from "../../src/directory/age-timer.ts";

/** A timer whose ticks can be waited for. */
function watched(seconds: number): {
  readonly timer: AgeTimer;
  readonly ticks: () => number;
  readonly tick: () => Promise<void>;
} {
  let ticks = 0;
  let onTick = (): void => {};
  const timer = createAgeTimer(seconds, () => {
    ticks++;
    onTick();
  });
  const tick = (): Promise<void> =>
    new Promise((resolve) => {
      onTick = resolve;
    });
  return { timer, ticks: () => ticks, tick };
}

test("ticks once for each time that it is wanted, and not before the period is over", async () => {
  const start = monotonicMillis();
  const { timer, ticks, tick } = watched(0.02);
  for (const count of [1, 2, 3]) {
    const next = tick();
    timer.arm();
    timer.arm();
    await next;
    expect(ticks()).toBe(count);
    expect(monotonicMillis() - start).toBeGreaterThanOrEqual(20 * count);
  }
});

test("does not tick unasked, nor after it has been stopped, nor with a period of 0", async () => {
  const unasked = watched(0.01);
  const stopped = watched(0.01);
  const never = watched(0);
  const later = watched(0.03);
  stopped.timer.arm();
  stopped.timer.stop();
  stopped.timer.arm();
  never.timer.arm();
  const tick = later.tick();
  later.timer.arm();
  await tick;
  expect([unasked.ticks(), stopped.ticks(), never.ticks()]).toEqual([0, 0, 0]);
});
