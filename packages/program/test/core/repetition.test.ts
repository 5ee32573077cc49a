import { expect, test } from "vitest";

import { isRepetition } from "../../src/core/repetition.ts";

test("a signal repeats the request before it within half a second", () => {
  expect([1000, 1499, 1500].map((at) => isRepetition(1000, at))).toEqual([true, true, false]);
});
