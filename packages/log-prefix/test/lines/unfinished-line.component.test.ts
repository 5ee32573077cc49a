import { createUnfinishedLine } from "@upkeep/log-prefix/lines/unfinished-line";
import { expect, test } from "vitest";

test("a line whose end will not come is shown at once, and the next one is not", () => {
  const line = createUnfinishedLine(() => {});
  expect(line.atIdle(false)).toBeNull();
  line.end();
  expect(line.atIdle(true)).toBe("ended");
  expect(line.atIdle(false)).toBeNull();
});

test("a line whose end is late is shown, unless more of it has come", async () => {
  const { promise: first, resolve } = Promise.withResolvers<void>();
  let onLate = resolve;
  const line = createUnfinishedLine(() => onLate());
  expect(line.atIdle(true)).toBeNull();
  await first;
  line.extend();
  const { promise: second, resolve: again } = Promise.withResolvers<void>();
  onLate = again;
  expect(line.atIdle(true)).toBeNull();
  await second;
  expect(line.atIdle(true)).toBe("late");
  line.end();
  expect(line.atIdle(false)).toBe("ended");
});
