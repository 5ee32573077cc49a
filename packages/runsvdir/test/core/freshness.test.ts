import { expect, test } from "vitest";

import { mustRead, noteReading, type Stamp } from "../../src/core/freshness.ts";

const stamp = (changed: bigint, identity = "1:2"): Stamp => ({ changed, identity });

test("a directory that has not been read must be", () => {
  expect(mustRead(null, stamp(1n))).toBe(true);
});

test("another time stamp or another directory must be read", () => {
  const last = noteReading(noteReading(null, stamp(1n), 0), stamp(1n), 5000);
  expect(mustRead(last, stamp(1n))).toBe(false);
  expect(mustRead(last, stamp(2n))).toBe(true);
  expect(mustRead(last, stamp(1n, "1:3"))).toBe(true);
});

test("a reading right after a change is repeated once, for a second change may have the same time stamp", () => {
  const first = noteReading(null, stamp(1n), 100_000);
  expect(mustRead(first, stamp(1n))).toBe(true);
  const second = noteReading(first, stamp(1n), 105_000);
  expect(mustRead(second, stamp(1n))).toBe(false);
});

test("a reading on a hint does not end the time in which changes can hide", () => {
  const first = noteReading(null, stamp(1n), 1000);
  const hinted = noteReading(first, stamp(1n), 1005);
  expect(mustRead(hinted, stamp(1n))).toBe(true);
});

test("a time stamp that goes back counts as a change", () => {
  const settled = noteReading(noteReading(null, stamp(9n), 0), stamp(9n), 5000);
  expect(mustRead(settled, stamp(3n))).toBe(true);
});
