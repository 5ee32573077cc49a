import { millisOfSeconds, mostSeconds } from "@upkeep/program/core/seconds";
import { expect, test } from "vitest";

test.each([
  ["0", 0],
  ["7", 7000],
  ["3000000000", 3_000_000_000_000],
  ["0000000000000000007", 7000],
  [`${mostSeconds}`, mostSeconds * 1000],
  [`${mostSeconds + 1}`, null],
  ["9".repeat(400), null],
  ["1.5", null],
  ["-1", null],
  ["1e3", null],
  ["", null],
])("%j seconds are %j ms", (text, millis) => expect(millisOfSeconds(text)).toBe(millis));
