import { monotonicMillis } from "@upkeep/linux/time/clock";
import { expect, test } from "vitest";

import { createAgeTimer, type AgeTimer } from "../../src/directory/age-timer.ts";

/** A timer whose ticks can be waited for. */
function watched(): { readonly timer: AgeTimer; readonly ticks: () => number; readonly tick: () => Promise<void> } {
  let ticks = 0;
  let onTick = (): void => {};
  const timer = createAgeTimer(() => {
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
  const { timer, ticks, tick } = watched();
  const start = monotonicMillis();
  timer.set(0.02);
  for (const count of [1, 2, 3]) {
    const next = tick();
    timer.arm();
    timer.arm();
    await next;
    expect(ticks()).toBe(count);
    expect(monotonicMillis() - start).toBeGreaterThanOrEqual(20 * count);
  }
});

test("does not tick unasked, nor after it has been set to never", async () => {
  const unasked = watched();
  const stopped = watched();
  const later = watched();
  unasked.timer.set(0.01);
  stopped.timer.set(0.01);
  stopped.timer.arm();
  stopped.timer.set(0);
  stopped.timer.arm();
  later.timer.set(0.03);
  const tick = later.tick();
  later.timer.arm();
  await tick;
  expect([unasked.ticks(), stopped.ticks()]).toEqual([0, 0]);
});
