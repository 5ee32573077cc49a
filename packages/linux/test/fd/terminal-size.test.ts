import { closeSync, openSync } from "node:fs";

import { expect, test } from "vitest";

import { columnsOf } from "@upkeep/linux/fd/terminal-size";

test("what is no terminal, or does not know, is 80 columns wide", () => {
  const fd = openSync("/dev/null", "r");
  expect(columnsOf(fd)).toBe(80);
  closeSync(fd);
});
