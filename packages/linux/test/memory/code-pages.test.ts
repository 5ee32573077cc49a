import { readFileSync } from "node:fs";

import { findCode, returnCode } from "@upkeep/linux/memory/code-pages";
import { expect, test } from "vitest";

const filePages = (): number => Number(/^RssFile:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1]);

test("code that is given back is no longer in memory, and comes back where it is needed", () => {
  const code = findCode();
  expect(code.ranges.length).toBeGreaterThan(0);
  const before = filePages();
  returnCode(code);
  expect(filePages()).toBeLessThan(before);
  expect(JSON.parse('{"still": "works"}')).toEqual({ still: "works" });
});
