import { constants } from "node:os";

import { expect, test } from "vitest";

import { signals } from "../../src/core/signals.ts";

test("the signals are those of this machine", () => {
  expect(signals).toEqual(constants.signals);
});
