import { closeSync, constants, mkdirSync, openSync, readSync } from "node:fs";
import { join } from "node:path";

import { makeFifo } from "@upkeep/linux/fd/fifo";
import { afterAll, expect, test } from "vitest";

import { createFeeder, oldNames } from "../helpers/feeder.ts";
import { temporaryDirectory } from "../helpers/temporary-directory.ts";

const root = temporaryDirectory();
afterAll(root.remove);

test("a FIFO as current gets all lines as fast as it is read, is not rotated, and does not block", async () => {
  const path = join(root.path, "log");
  mkdirSync(path);
  makeFifo(join(path, "current"), 0o600);
  const reader = openSync(join(path, "current"), constants.O_RDONLY | constants.O_NONBLOCK);
  const feeder = createFeeder(path, { config: "s1000\n" });
  feeder.log.open();
  const input = "0123456789\n".repeat(20_000);
  feeder.feed(input);
  expect(feeder.log.backlog()).toBeGreaterThan(0);
  let output = "";
  const bytes = Buffer.alloc(65_536);
  while (output.length < input.length) {
    try {
      output += bytes.toString("latin1", 0, readSync(reader, bytes));
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
  expect(output).toBe(input);
  expect(oldNames(path)).toEqual([]);
  await feeder.end();
  closeSync(reader);
});
