import { expect, test } from "vitest";

import { noPause, planPause } from "../../src/core/pause.ts";

test("what fails is tried again after 3 s, and told each time", () => {
  expect(planPause(noPause, false)).toEqual({ pause: noPause, delay: 3000, isReported: true });
});

test("a full pipe is tried again sooner, and told every 3 s", () => {
  let pause = noPause;
  let told = 0;
  const delays: number[] = [];
  while (pause.waited < 10_000) {
    const plan = planPause(pause, true);
    delays.push(plan.delay);
    if (plan.isReported) told++;
    ({ pause } = plan);
  }
  expect(delays.slice(0, 8)).toEqual([2, 4, 8, 16, 32, 64, 100, 100]);
  expect(told).toBe(3);
});
