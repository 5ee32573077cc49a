import {
  criticalMode,
  descriptor,
  millis,
  restartDelay,
  restartLimit,
  restartMode,
  signal,
  success,
} from "@upkeep/service-directory/core/setting-values";
import { describe, expect, test } from "vitest";

describe("values of files", () => {
  test.each([
    ["3", 3],
    ["255", 255],
    ["2", null],
    ["256", null],
    ["-3", null],
    ["", null],
  ])("descriptor %j", (text, value) => expect(descriptor.parse(text)).toBe(value));

  test.each([
    ["0", 0],
    ["3000000000", 3_000_000_000],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
    ["9007199254740992", null],
    ["9".repeat(400), null],
    ["1.5", null],
    ["-1", null],
  ])("milliseconds %j", (text, value) => expect(millis.parse(text)).toBe(value));

  test("a warning names the bounds", () => {
    expect(millis.allowed).toBe("a number of milliseconds from 0 to 9007199254740991");
    expect(restartLimit.allowed).toContain("COUNT up to 9007199254740991 and SECONDS above 0 and up to 9007199254740");
    expect(restartDelay.allowed).toContain("milliseconds up to 9007199254740991");
  });

  test.each([
    ["TERM", 15],
    ["sigquit", 3],
    ["SIGUSR1", 10],
    ["37", 37],
    ["64", 64],
    ["0", null],
    ["65", null],
    ["NOPE", null],
    ["__proto__", null],
    ["", null],
  ])("signal %j", (text, value) => expect(signal.parse(text)).toBe(value));

  test.each([
    ["0 3 TERM", { codes: [0, 3], signals: [15] }],
    ["143,HUP\n2", { codes: [143, 2], signals: [1] }],
    ["", { codes: [], signals: [] }],
    ["256", null],
    ["3 x", null],
    ["-1", null],
  ])("success %j", (text, value) => expect(success.parse(text)).toEqual(value));

  test.each([
    ["1000", { min: 1000, max: 1000, factor: 1 }],
    ["0", { min: 0, max: 0, factor: 1 }],
    ["100 5000", { min: 100, max: 5000, factor: 2 }],
    ["100 5000 1.5", { min: 100, max: 5000, factor: 1.5 }],
    ["100  5000\t3", { min: 100, max: 5000, factor: 3 }],
    ["3000000000 9007199254740991 1", { min: 3_000_000_000, max: Number.MAX_SAFE_INTEGER, factor: 1 }],
    ["0 9007199254740992", null],
    ["500 100", null],
    ["100 200 0.5", null],
    ["100 200 2 9", null],
    ["soon", null],
    ["", null],
  ])("restart-delay %j", (text, value) => expect(restartDelay.parse(text)).toEqual(value));

  test.each([
    ["5 60", { count: 5, millis: 60_000 }],
    ["0 0.5", { count: 0, millis: 500 }],
    ["2 3000000000", { count: 2, millis: 3_000_000_000_000 }],
    ["9007199254740991 9007199254740", { count: Number.MAX_SAFE_INTEGER, millis: 9_007_199_254_740_000 }],
    ["2 9007199254741", null],
    ["2 9007199254740.5", null],
    ["9007199254740992 60", null],
    ["5", null],
    ["5 0", null],
    ["5 0.0", null],
    ["5 60 1", null],
    ["x 60", null],
  ])("restart-limit %j", (text, value) => expect(restartLimit.parse(text)).toEqual(value));

  test("words", () => {
    expect(["always", "on-failure", "never", "Never", ""].map(restartMode.parse)).toEqual([
      "always",
      "on-failure",
      "never",
      null,
      null,
    ]);
    expect(["", "any-exit", "yes"].map(criticalMode.parse)).toEqual(["failure", "any-exit", null]);
  });
});
