import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createPlainJournal, emptyInput, noDirectory } from "../../src/journal/journal.ts";
import { createSkipping, noticeUnnoticed, planDirectory, sumOf, wholeLines } from "../../src/journal/recovery.ts";

const input = { ...emptyInput, batch: 5, isReceived: true, count: 10 };
const record = { ...noDirectory, directory: 1, look: 9, batch: 5, log: 77, base: 100, done: 30 };
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

  test("when lines look different now, those of a batch that was begun cannot be told apart", () => {
    expect(planDirectory(input, record, { current, newest: null }, 8)).toEqual({ kind: "complete" });
    const untouched = { ...record, base: 120, done: 0 };
    expect(planDirectory(input, untouched, { current, newest: null }, 8)).toMatchObject({ kind: "part", done: 0 });
  });
});

describe("noticeUnnoticed", () => {
  test("what is not zero behind what waits was read", () => {
    const journal = createPlainJournal(100);
    journal.setInput({ ...emptyInput, buffer: 1, waiting: 3, batch: 8 });
    journal.buffers[1].write("abcde\0f");
    const now = { seconds: 1, nanoseconds: 2 };
    noticeUnnoticed(journal, 64, now);
    expect(journal.input()).toMatchObject({ isReceived: true, batch: 8, count: 4, waiting: 3, time: now });
  });

  test("nothing else was", () => {
    const journal = createPlainJournal(100);
    journal.setInput({ ...emptyInput, waiting: 3 });
    journal.buffers[0].write("abc");
    journal.buffers[1].write("abcdef");
    noticeUnnoticed(journal, 64, { seconds: 1, nanoseconds: 2 });
    expect(journal.input()).toEqual({ ...emptyInput, waiting: 3 });
  });
});

describe("createSkipping", () => {
  const pieces = fc.array(fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 }), { maxLength: 8 });

  /** What is let through of the pieces. */
  function passed(texts: readonly string[], done: number, tail: string): string {
    const { pass } = createSkipping(done, Buffer.from(tail));
    return texts
      .map((text) => {
        const bytes = Buffer.from(`#${text}#`);
        return bytes.toString("latin1", pass(1, bytes.length - 1, bytes), bytes.length - 1);
      })
      .join("");
  }

  test("passes what comes behind the first bytes, if they are those in the log", () => {
    fc.assert(
      fc.property(pieces, fc.nat(), fc.nat(), (texts, first, second) => {
        const all = texts.join("");
        const done = first % (all.length + 1);
        const tail = all.slice(second % (done + 1), done);
        expect(passed(texts, done, tail)).toBe(all.slice(done));
      }),
    );
  });

  test("passes nothing if they are not", () => {
    expect(passed(["ab", "ab", "ab"], 3, "bc")).toBe("");
    expect(passed(["ab", "ab", "ab"], 3, "ba")).toBe("bab");
  });
});

test("of a torn end only whole lines are left", () => {
  expect(["", "a", "a\nb", "a\nb\n"].map((text) => wholeLines(Buffer.from(text)))).toEqual([0, 0, 2, 4]);
});

test("different values have different sums", () => {
  const values = [[], [0], [1], [0, [1]], [0, [], 1], ["a"], ["b"], { a: "" }, null];
  expect(new Set(values.map(sumOf)).size).toBe(values.length);
});
