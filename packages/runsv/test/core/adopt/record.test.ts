import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  belongs,
  mayBeStarted,
  theOnly,
  type Candidate,
  type StartMarks,
  type Starting,
} from "../../../src/core/adopt/record.ts";

const supervisor = { pid: 9, startTicks: 90, parent: "5 500", session: 70, group: 71 };
const marks: StartMarks = { hasSession: true, supervisor, reapers: new Set([1, 5]), others: new Set([5, 900]) };
const starting: Starting = { what: "run", at: 12_345, since: { seconds: 1, nanoseconds: 0 }, pid: null };
const one: Candidate = {
  pid: 1000,
  parent: 1,
  group: 1000,
  session: 1000,
  state: "S",
  terminalGroup: -1,
  threads: 1,
  startTicks: 1234,
};

describe("a process that was about to be started", () => {
  test("leads its session, its parent is gone, and it was born then", () => {
    expect(mayBeStarted(one, starting, marks)).toBe(true);
    expect(mayBeStarted({ ...one, parent: 5 }, starting, marks)).toBe(true);
  });

  test.each([
    ["somebody's child", { pid: 9, startTicks: 90, parent: 77 }],
    ["in another's session", { session: 999 }],
    ["in another's group", { group: 999 }],
    ["dead", { state: "Z" }],
    ["one of those above us", { pid: 900, session: 900, group: 900 }],
  ] as const)("is not one that is %s", (_, changes) => {
    expect(mayBeStarted({ ...one, ...changes }, starting, marks)).toBe(false);
  });

  test("is born in the clock tick of the record or later, within five seconds", () => {
    const isIt = (startTicks: number): boolean => mayBeStarted({ ...one, startTicks }, starting, marks);
    expect([1233, 1234, 1734, 1735].map(isIt)).toEqual([false, true, true, false]);
    fc.assert(
      fc.property(fc.nat(2 ** 40), fc.nat(4990), (at, later) => {
        const startTicks = Math.floor((at + later) / 10);
        expect(mayBeStarted({ ...one, startTicks }, { ...starting, at }, marks)).toBe(true);
        expect(mayBeStarted({ ...one, startTicks: Math.floor(at / 10) - 1 }, { ...starting, at }, marks)).toBe(false);
      }),
    );
  });

  test("without setsid is in the session and the group of the one that was killed", () => {
    const shared = { ...marks, hasSession: false };
    expect(mayBeStarted(one, starting, shared)).toBe(false);
    expect(mayBeStarted({ ...one, session: 70, group: 71 }, starting, shared)).toBe(true);
    expect(mayBeStarted({ ...one, session: 70, group: 71 }, starting, { ...shared, supervisor: null })).toBe(false);
  });

  test("may be in another group of that session, as long as it has not made its own", () => {
    expect(mayBeStarted({ ...one, session: 70, group: 990 }, starting, marks)).toBe(true);
    expect(mayBeStarted({ ...one, session: 70, group: 71 }, starting, marks)).toBe(false);
    expect(mayBeStarted({ ...one, session: 70, group: 990 }, starting, { ...marks, supervisor: null })).toBe(false);
  });

  test("has the pid that status tells, where it does", () => {
    expect(mayBeStarted(one, { ...starting, pid: 1000 }, marks)).toBe(true);
    expect(mayBeStarted(one, { ...starting, pid: 1001 }, marks)).toBe(false);
  });
});

test("it belongs to the service by its directory, or to service or log by the pipe between them", () => {
  const belongTo = (isInDirectory: boolean, onLogPipe: readonly number[]): readonly boolean[] => [
    belongs("service", isInDirectory, onLogPipe),
    belongs("log", isInDirectory, onLogPipe),
  ];
  expect(belongTo(false, [])).toEqual([false, false]);
  expect(belongTo(true, [])).toEqual([true, true]);
  expect(belongTo(false, [1, 2])).toEqual([true, false]);
  expect(belongTo(false, [0])).toEqual([false, true]);
});

test("of several it is none", () => {
  expect(theOnly([])).toBeNull();
  expect(theOnly([one])).toEqual({ pid: 1000, group: 1000, startTicks: 1234 });
  expect(theOnly([one, { ...one, pid: 1001 }])).toBeNull();
});
