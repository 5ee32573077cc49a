import { readFileSync, writeFileSync } from "node:fs";

import { lowerOutOfMemoryScore, withInheritedScore } from "@upkeep/linux/memory/out-of-memory-score";
import { expect, test } from "vitest";

import { tempDirectory } from "../helpers/temp.ts";

test("our score is lower than the inherited one, except while something starts", () => {
  using temp = tempDirectory();
  const file = temp.path("oom_score_adj");
  const score = (): string => readFileSync(file, "latin1").trim();
  expect(withInheritedScore(() => "as it is")).toBe("as it is");
  for (const [inherited, own] of [
    ["0", "-500"],
    ["300", "-200"],
    ["-997", "-999"],
  ] as const) {
    writeFileSync(file, `${inherited}\n`);
    lowerOutOfMemoryScore(file);
    expect([score(), withInheritedScore(score), score()]).toEqual([own, inherited, own]);
  }
  expect(() =>
    withInheritedScore(() => {
      throw new Error("no");
    }),
  ).toThrow("no");
  expect(score()).toBe("-999");
});

test("a score that is lower already stays, and so does one that may not be changed", () => {
  using temp = tempDirectory();
  const file = temp.path("oom_score_adj");
  writeFileSync(file, "-1000\n");
  lowerOutOfMemoryScore(file);
  expect(readFileSync(file, "latin1")).toBe("-1000\n");
  lowerOutOfMemoryScore(temp.path("missing/file"));
});
