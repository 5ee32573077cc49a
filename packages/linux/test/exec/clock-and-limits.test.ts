import { readFileSync } from "node:fs";

import { monotonicMillis, wallClock } from "@upkeep/linux/time/clock";
import { openFilesLimit, parseOpenFilesLimit, setOpenFilesLimit } from "@upkeep/linux/exec/limits";
import { describe, expect, test } from "vitest";

describe("clocks", () => {
  test("the wall clock is the runtime's, and finer", () => {
    const before = Date.now();
    const { seconds, nanoseconds } = wallClock();
    const after = Date.now();
    const millis = seconds * 1000 + Math.floor(nanoseconds / 1e6);
    expect(millis).toBeGreaterThanOrEqual(before);
    expect(millis).toBeLessThanOrEqual(after);
    expect(nanoseconds).toBeLessThan(1e9);
  });

  test("the monotonic clock never goes back", () => {
    let last = monotonicMillis();
    for (let reading = 0; reading < 1000; reading++) {
      const next = monotonicMillis();
      expect(next).toBeGreaterThanOrEqual(last);
      last = next;
    }
  });
});

describe("limit of open files", () => {
  test("is read and set, and is what the kernel shows", () => {
    const before = openFilesLimit();
    setOpenFilesLimit({ soft: 300, hard: before.hard });
    expect(openFilesLimit()).toEqual({ soft: 300, hard: before.hard });
    expect(parseOpenFilesLimit(readFileSync("/proc/self/limits", "latin1"))).toEqual({ soft: 300, hard: before.hard });
    setOpenFilesLimit(before);
    expect(openFilesLimit()).toEqual(before);
  });

  test.each([
    ["Max open files            1024                 524288               files     \n", { soft: 1024, hard: 524288 }],
    ["x\nMax open files            1024                 unlimited            files\n", { soft: 1024, hard: Infinity }],
    ["Max processes             96365                96365                processes\n", null],
  ])("%j is understood", (text, limit) => {
    expect(parseOpenFilesLimit(text)).toEqual(limit);
  });
});
