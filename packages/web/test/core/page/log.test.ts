import { array, assert, constantFrom, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";

import {
  append,
  clear,
  emptyLog,
  filterOf,
  hitCounter,
  linesOf,
  type LogLine,
  type LogView,
  mostLines,
  pause,
  plainText,
  resume,
} from "@upkeep/web/core/page/log";

let last = 0;
const made = (count: number): readonly LogLine[] =>
  Array.from({ length: count }, () => ({ time: null, line: String((last += 1)), stream: "out" }));

describe("a log that is followed", () => {
  test("keeps lines in blocks of which only the last one changes", () => {
    const one = append(emptyLog, made(250));
    const two = append(one, made(5));
    expect(one.blocks.map(({ lines }) => lines.length)).toEqual([100, 100, 50]);
    expect(two.blocks.map(({ lines }) => lines.length)).toEqual([100, 100, 55]);
    expect(two.blocks[0]).toBe(one.blocks[0]);
    expect(two.blocks[1]).toBe(one.blocks[1]);
    expect(append(two, [])).toBe(two);
  });

  test("holds back what comes while it is paused, and shows it afterwards", () => {
    const paused = append(pause(append(emptyLog, made(3))), made(4));
    expect(linesOf(paused)).toHaveLength(3);
    expect(paused.held).toHaveLength(4);
    expect(linesOf(resume(paused))).toHaveLength(7);
    expect(resume(paused).held).toBeNull();
    expect(linesOf(clear(paused))).toEqual([]);
    expect(clear(paused).held).toEqual([]);
  });

  test("loses no line within its length, and keeps their order, whatever happens", () => {
    const steps = array(
      constantFrom<(log: LogView) => LogView>(
        pause,
        resume,
        (log) => append(log, made(1)),
        (log) => append(log, made(99)),
        (log) => append(log, made(2345)),
      ),
    );
    assert(
      property(steps, (all) => {
        last = 0;
        const log = resume(all.reduce((state, step) => step(state), emptyLog));
        const numbers = linesOf(log).map(({ line }) => Number(line));
        expect(log.count).toBe(last);
        expect(numbers.length).toBeGreaterThanOrEqual(Math.min(last, mostLines));
        expect(numbers.length).toBeLessThan(mostLines + 100);
        expect(numbers).toEqual(Array.from(numbers, (_, index) => last - numbers.length + 1 + index));
        expect(log.dropped).toBe(last - numbers.length);
      }),
    );
  });
});

describe("a filter", () => {
  test("finds a text in any case, and takes what looks like a pattern as text", () => {
    expect(filterOf("").places("x")).toEqual([]);
    expect(filterOf("GET").places("get / Get")).toEqual([
      [0, 3],
      [6, 9],
    ]);
    expect(filterOf("a.c").places("abc")).toBeNull();
    expect(filterOf("a.c(").places("xa.c(")).toEqual([[1, 5]]);
  });

  test("is a regular expression between slashes, or says why it is none", () => {
    expect(filterOf("/5\\d\\d$/").places("GET / 503")).toEqual([[6, 9]]);
    expect(filterOf("/^/").places("x")).toEqual([]);
    expect(filterOf("/(/").problem).toMatch(/regular expression/i);
    expect(filterOf("/(/").places("anything")).toEqual([]);
  });

  test("is counted in the blocks that are there, also in one that grows", () => {
    const lines = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ time: null, line: `n${at}`, stream: "out" as const }));
    const count = hitCounter(filterOf("/n\\d*7$/"), (line) => line);
    const log = append(emptyLog, lines(150));
    expect(count(log.blocks)).toBe(15);
    expect(count(append(log, lines(20)).blocks)).toBe(17);
    expect(hitCounter(filterOf("none"), (line) => line)(log.blocks)).toBe(0);
  });

  test("of any text finds exactly that text", () => {
    const letters = array(constantFrom("a", "b", ".", "*", "(", "\\", "é", "\u{1f600}", "/"), {
      minLength: 1,
      maxLength: 4,
    });
    assert(
      property(letters, array(integer({ min: 0, max: 3 }), { maxLength: 2 }), (parts, pads) => {
        const typed = parts.join("");
        if (/^\/.+\/$/s.test(typed)) return;
        const text = `${"x".repeat(pads[0] ?? 0)}${typed}${"y".repeat(pads[1] ?? 0)}`;
        const [first] = filterOf(typed).places(text) ?? [];
        expect(text.slice(...(first ?? [0, 0])).toLowerCase()).toBe(typed.toLowerCase());
      }),
    );
  });
});

test("a log becomes text with its times", () => {
  const lines = [
    { time: "2026-11-28T10:00:00.000Z", line: "one", stream: "out" as const },
    { time: null, line: "two", stream: "err" as const },
  ];
  expect(plainText(lines, (text) => text.toUpperCase())).toBe("2026-11-28T10:00:00.000Z ONE\nTWO\n");
});
