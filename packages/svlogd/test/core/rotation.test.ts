import { describe, expect, test } from "vitest";

import { latestLabel, nextCut, nextLabel, oldLogs, planPrune } from "../../src/core/rotation.ts";

describe("nextCut", () => {
  const cut = (size: number, lineLength: number, held: number, text: string): unknown =>
    nextCut({ size, lineLength }, held, Buffer.from(text), 0, text.length);

  test("never ends a log of any size", () => {
    expect(cut(0, 10, 1e9, "a\nb\n")).toEqual({ end: 4, rotates: "no" });
  });

  test("ends a log behind the first line that brings it within a line of its size", () => {
    const line = `${"x".repeat(20)}\n`;
    // runit with s100 and -l 20 leaves logs of 84 bytes.
    expect(cut(100, 20, 0, line.repeat(6))).toEqual({ end: 84, rotates: "after" });
    expect(cut(100, 20, 84 - 21, line)).toEqual({ end: 21, rotates: "after" });
    expect(cut(100, 20, 84 - 22, line)).toEqual({ end: 21, rotates: "after" });
    expect(cut(100, 20, 84 - 26, line)).toEqual({ end: 21, rotates: "no" });
  });

  test("divides a line that is too long, at the size to the byte", () => {
    expect(cut(100, 20, 0, `${"x".repeat(350)}\n`)).toEqual({ end: 100, rotates: "no" });
    expect(cut(100, 20, 100, "x\n")).toEqual({ end: 0, rotates: "before" });
    expect(cut(100, 20, 30, `${"x".repeat(69)}\n`)).toEqual({ end: 70, rotates: "after" });
  });

  test("divides every line where the size is less than a line's length", () => {
    expect(cut(10, 20, 0, "abc\ndef\nghi\n")).toEqual({ end: 10, rotates: "no" });
  });
});

describe("oldLogs", () => {
  test("knows them by the length of their names", () => {
    const label = `@4000000065${"0".repeat(14)}`;
    expect(oldLogs([`${label}.u`, "current", "@short.s", `${label}.s`])).toEqual([
      { name: `${label}.s`, label, state: "s" },
      { name: `${label}.u`, label, state: "u" },
    ]);
  });
});

const labelOf = (number: number): string => `@4000000065${String(number).padStart(14, "0")}`;
const logsOf = (...names: readonly string[]): ReturnType<typeof oldLogs> => oldLogs(names);

describe("planPrune", () => {
  const plan = (names: readonly string[], request: Partial<Parameters<typeof planPrune>[1]>): readonly string[] =>
    planPrune(logsOf(...names), { keep: 10, totalSize: 0, inProcess: null, sizeOf: () => 100, ...request }).map(
      ({ name }) => name,
    );
  const names = [1, 2, 3, 4].map((number) => `${labelOf(number)}.s`);

  test("removes the oldest down to the number to be kept, however many that are", () => {
    expect(plan(names, { keep: 2 })).toEqual(names.slice(0, 2));
    expect(plan(names, { keep: 4 })).toEqual([]);
    expect(plan(names, { keep: 0 })).toEqual([]);
  });

  test("removes the oldest down to the size of all", () => {
    expect(plan(names, { totalSize: 250 })).toEqual(names.slice(0, 2));
    expect(plan(names, { totalSize: 400 })).toEqual([]);
    expect(plan(names, { totalSize: 1 })).toEqual(names);
  });

  test("leaves what a processor works on, and removes what others have left", () => {
    const [first = "", ...rest] = names;
    const output = `${labelOf(1)}.t`;
    const left = `${labelOf(2)}.t`;
    expect(plan([first, ...rest, output, left], { keep: 2, inProcess: labelOf(1) })).toEqual([left, rest[0], rest[1]]);
  });
});

describe("nextLabel", () => {
  test("is that of the clock", () => {
    expect(nextLabel({ seconds: 1_700_000_000, nanoseconds: 5000 }, null)).toBe("@400000006553f10a0000157c");
  });

  test("goes on from the last one when the clock has been put back", () => {
    const latest = nextLabel({ seconds: 1_700_000_000, nanoseconds: 999_999_000 }, null);
    const next = nextLabel({ seconds: 1_600_000_000, nanoseconds: 0 }, latest);
    expect(next).toBe("@400000006553f10b000001f4");
    expect(nextLabel({ seconds: 1_600_000_000, nanoseconds: 0 }, next) > next).toBe(true);
  });

  test("two logs of one moment have different labels", () => {
    const now = { seconds: 1_700_000_000, nanoseconds: 0 };
    const first = nextLabel(now, null);
    expect(nextLabel(now, first) > first).toBe(true);
  });
});

describe("latestLabel", () => {
  test("does not count what no clock can have given", () => {
    expect(latestLabel(logsOf(`${labelOf(3)}.s`, `${labelOf(5)}.u`, `@${"f".repeat(24)}.s`))).toBe(labelOf(5));
    expect(latestLabel([])).toBeNull();
  });
});
