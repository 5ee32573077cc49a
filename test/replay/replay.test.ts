import { describe, expect, test } from "vitest";

import { encodeLine, type TraceLine } from "../../packages/program/src/core/trace.ts";
import { type Replayed, replay, type StepFunction } from "../../scripts/replay/replay.ts";

/** Counts, and says so at each second event; `bad` breaks it. */
const count: StepFunction = (state, event) => {
  if (event === "bad") throw new Error("broken");
  const next = (state as number) + 1;
  return { state: next, effects: next % 2 === 0 ? [{ kind: "say", next }] : [] };
};

const good: readonly TraceLine[] = [
  { program: "counter", about: "", pid: 7, state: 0 },
  { pid: 7, event: { kind: "a" }, effects: [], state: 1 },
  { program: "counter", about: "", pid: 8, state: Infinity },
  { pid: 7, event: { kind: "b" }, effects: [{ kind: "say", next: 2 }], state: 2 },
  { pid: 8, event: { kind: "a" }, effects: [], state: Infinity },
];

const replayed = (lines: readonly TraceLine[]): Replayed => replay(lines.map(encodeLine).join(""), { counter: count });

const changed = (at: number, change: Partial<TraceLine>): readonly TraceLine[] =>
  good.map((line, index) => (index === at ? { ...line, ...change } : line));

describe("a replay", () => {
  test("finds nothing in a trace as it was written", () => {
    expect(replayed(good)).toEqual({ processes: 2, events: 3, differences: [] });
  });

  test("tells of another state, with which the next step begins", () => {
    expect(replayed(changed(3, { state: 5 })).differences).toEqual(["line 4: counter (PID 7), b: state: 2 was 5"]);
    expect(replayed(changed(1, { state: 5 })).differences).toEqual([
      "line 2: counter (PID 7), a: state: 1 was 5",
      "line 4: counter (PID 7), b: effects.0.next: 6 was 2",
    ]);
  });

  test("tells of other effects", () => {
    expect(replayed(changed(3, { effects: [{ kind: "say", next: 3 }] })).differences).toEqual([
      "line 4: counter (PID 7), b: effects.0.next: 2 was 3",
    ]);
    expect(replayed(changed(3, { effects: [] })).differences).toEqual([
      'line 4: counter (PID 7), b: effects.0: {"kind":"say","next":2} was absent',
    ]);
  });

  test("tells of a step that throws, and goes on", () => {
    expect(replayed(changed(1, { event: "bad" }))).toMatchObject({
      events: 3,
      differences: ["line 2: counter (PID 7), event: thrown: Error: broken"],
    });
  });

  test("tells of what it cannot replay", () => {
    expect(replayed(good.slice(1)).differences).toEqual([
      "line 1: process 7 has not begun",
      "line 3: process 7 has not begun",
    ]);
    expect(replayed(changed(2, { program: "other" })).differences).toEqual(["line 3: unknown program other"]);
    expect(replay("x\n\n", {}).differences).toEqual(["line 1: not of a trace"]);
  });
});
