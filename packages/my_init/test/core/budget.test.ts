import { expect, test } from "vitest";

import { deadlineOf, readSeconds, servicesSeconds } from "../../src/core/budget.ts";

const none = { process: null, all: null };

test("seconds are whole numbers", () => {
  expect(["0", "30", " 5 ", "", "-1", "1.5", "soon", "5s"].map(readSeconds)).toEqual([
    0,
    30_000,
    5000,
    null,
    null,
    null,
    null,
    null,
  ]);
});

test("what a step leaves is the next one's, and each gets something", () => {
  expect(deadlineOf("services", none, 1000, 1000, false)).toBe(7200);
  expect(deadlineOf("services", none, 1000, 5000, false)).toBe(7200);
  expect(deadlineOf("preShutdown", none, 1000, 8000, false)).toBe(8200);
});

test("a time that was asked for counts from the beginning of the step, however long", () => {
  const budget = { process: 30_000, all: 0 };
  expect(deadlineOf("main", budget, 1000, 1000, false)).toBe(31_000);
  expect(deadlineOf("all", budget, 1000, 50_000, false)).toBe(50_000);
  expect(deadlineOf("main", budget, 1000, 1000, true)).toBe(2000);
});

test("services get what was asked for, however little", () => {
  expect(deadlineOf("services", { process: 0, all: null }, 1000, 1000, false)).toBe(1000);
  expect(deadlineOf("services", none, 1000, 8000, false)).toBe(8200);
  expect(deadlineOf("services", none, 1000, 1000, true)).toBe(2000);
});

test("runsvdir by itself waits no less than it is given", () => {
  expect(servicesSeconds(none)).toBe(7);
  expect(servicesSeconds({ process: 30_000, all: null })).toBe(30);
});
