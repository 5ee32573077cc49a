import { lineOutput } from "@upkeep/log-prefix/output/line-output";
import { processInfo } from "@upkeep/linux/process/process-info";
import { afterEach, expect, test } from "vitest";

import type { Surroundings } from "../src/open.ts";
import { findSurroundings } from "../src/surroundings.ts";

afterEach(() => {
  delete process.env["UPKEEP_PARENT"];
});

const find = (): Surroundings =>
  findSurroundings(
    lineOutput(1, () => null),
    2,
  );

test("the parent is the one that has named itself, also when it has gone", () => {
  process.env["UPKEEP_PARENT"] = "4194303 17";
  expect(find().supervisor).toMatchObject({ pid: process.pid, parent: "4194303 17" });
});

test("without a name, or with a strange one, the parent is the kernel's", () => {
  const parent = `${process.ppid} ${processInfo(process.ppid)?.startTicks}`;
  for (const text of [undefined, "", "1", "0 5", "-1 5", "5 5 5", "5 x"]) {
    if (text !== undefined) process.env["UPKEEP_PARENT"] = text;
    expect(find().supervisor).toMatchObject({ parent });
  }
});
