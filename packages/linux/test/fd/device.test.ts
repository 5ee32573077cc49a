import { closeSync, openSync } from "node:fs";

import { mayBeTerminal } from "@upkeep/linux/fd/device";
import { expect, test } from "vitest";

test.each([
  ["/dev/null", false],
  ["/proc/self/status", false],
  ["/dev/ptmx", true],
])("%s may be a terminal: %s", (path, expected) => {
  const fd = openSync(path, "r");
  try {
    expect(mayBeTerminal(fd)).toBe(expected);
  } finally {
    closeSync(fd);
  }
});

test("a closed descriptor is none", () => {
  expect(mayBeTerminal(9999)).toBe(false);
});
