import { assert, double, property } from "fast-check";
import { expect, test } from "vitest";

import { tickBetween, tickMillis } from "../../src/core/clock-ticks.ts";

test("between two moments of one tick there is that tick", () => {
  expect(tickBetween(120.5, 129.5)).toBe(12);
  expect(tickBetween(120.5, 120.5)).toBe(12);
});

test("where a tick ends between them, or nearly so, nothing is certain", () => {
  expect(tickBetween(119, 121)).toBeNull();
  expect(tickBetween(120.01, 121)).toBeNull();
  expect(tickBetween(121, 129.99)).toBeNull();
});

test("no moment between them lies in another tick", () => {
  const moment = double({ min: 1, max: 1e10, noNaN: true });
  const pause = double({ min: 0, max: 15, noNaN: true });
  const share = double({ min: 0, max: 1, noNaN: true });
  assert(
    property(moment, pause, share, (before, length, part) => {
      const tick = tickBetween(before, before + length);
      return tick === null || Math.floor((before + length * part) / tickMillis) === tick;
    }),
  );
});
