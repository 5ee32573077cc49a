import { describe, expect, test } from "vitest";

import { emptyInput, noDirectory } from "../../src/core/journal-record.ts";
import { checksum, planDirectory, wholeLines } from "../../src/core/recovery.ts";

const input = { ...emptyInput, batch: 5, isReceived: true, count: 10 };
const record = { ...noDirectory, directory: 1, format: 9, batch: 5, log: 77, base: 100, done: 30 };
const log = (name: string, inode: number, size: number) => ({ name, inode, size });
const current = log("current", 77, 120);

describe("planDirectory", () => {
  const part = { kind: "part", base: 100, done: 50 };

  test.each([
    ["what the log has grown by has been written", { current, newest: null }, { ...part, log: current }],
    ["a log that was renamed is the last", { current: null, newest: log("@a", 77, 120) }, part],
    ["and the new one may have been made", { current: log("current", 78, 0), newest: log("@a", 77, 120) }, part],
    ["but not written to", { current: log("current", 78, 1), newest: log("@a", 77, 120) }, { kind: "stale" }],
    ["another log is the last", { current: null, newest: log("@b", 79, 120) }, { kind: "stale" }],
    ["there is none", { current: null, newest: null }, { kind: "stale" }],
    ["it has become shorter", { current: log("current", 77, 99), newest: null }, { kind: "stale" }],
  ])("%s", (_, logs, plan) => {
    expect(planDirectory(input, record, logs, 9)).toMatchObject(plan);
  });

  test("a batch that was over is complete, unless somebody has written since", () => {
    const over = { ...record, batch: 6, base: 120 };
    expect(planDirectory(input, over, { current, newest: null }, 9)).toEqual({ kind: "complete" });
    const longer = log("current", 77, 121);
    expect(planDirectory(input, over, { current: longer, newest: null }, 9)).toEqual({ kind: "stale" });
    const idle = { ...input, batch: 6, isReceived: false };
    expect(planDirectory(idle, over, { current, newest: null }, 9)).toEqual({ kind: "complete" });
    expect(planDirectory(idle, over, { current: longer, newest: null }, 9)).toEqual({ kind: "stale" });
  });

  test("a record of another batch says nothing", () => {
    for (const batch of [0, 4, 7]) {
      expect(planDirectory(input, { ...record, batch }, { current, newest: null }, 9)).toEqual({ kind: "stale" });
    }
  });

  test("when lines have another format now, those of a batch that was begun cannot be told apart", () => {
    expect(planDirectory(input, record, { current, newest: null }, 8)).toEqual({ kind: "complete" });
    const untouched = { ...record, base: 120, done: 0 };
    expect(planDirectory(input, untouched, { current, newest: null }, 8)).toMatchObject({ kind: "part", done: 0 });
  });
});

test("of a torn end only whole lines are left", () => {
  expect(["", "a", "a\nb", "a\nb\n"].map((text) => wholeLines(Buffer.from(text)))).toEqual([0, 0, 2, 4]);
});

test("different values have different sums", () => {
  const values = [[], [0], [1], [0, [1]], [0, [], 1], ["a"], ["b"], { a: "" }, null];
  expect(new Set(values.map(checksum)).size).toBe(values.length);
});
