import { commandLetters } from "@upkeep/supervise/core/command";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import type { Goal } from "@upkeep/sv/core/commands";
import { judge, type Sent, type Verdict } from "@upkeep/sv/core/goals";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const old = { seconds: 90, nanoseconds: 500 };
const fresh = { seconds: 100, nanoseconds: 1500 };

const up: StatusRecord = { since: old, pid: 5, paused: false, want: "up", gotTerm: false, state: "run" };
const down: StatusRecord = { ...up, pid: 0, want: "down", state: "down" };

/** Sent in second 100, to a service whose last change was in second 90. */
const sent: Sent = { at: { seconds: 100, nanoseconds: 0 }, before: up };

type Row = readonly [goal: Goal, change: Partial<StatusRecord>, verdict: Verdict];

describe("goals of a service that is up", () => {
  test.each<Row>([
    ["up", {}, "check"],
    ["up", { state: "finish" }, "again"],
    ["up", { want: "down" }, "again"],
    ["down", {}, "again"],
    ["down", { want: "down", gotTerm: true }, "again"],
    ["down", { want: "down", state: "finish" }, "again"],
    ["exit", {}, "again"],
    ["check", {}, "check"],
    ["check", { state: "finish" }, "again"],
    ["check", { want: "down" }, "again"],
    ["term", {}, "again"],
    ["term", { since: fresh }, "check"],
    ["term", { since: fresh, gotTerm: true }, "again"],
    ["term", { want: "down" }, "again"],
    ["kill", {}, "again"],
    ["kill", { since: fresh }, "check"],
    ["once", {}, "again"],
    ["once", { want: "down" }, "done"],
    ["pause", {}, "again"],
    ["pause", { paused: true }, "done"],
    ["cont", {}, "done"],
    ["cont", { paused: true }, "again"],
    ["hup", {}, "done"],
    ["alarm", {}, "done"],
    ["interrupt", {}, "done"],
    ["quit", {}, "done"],
    ["1", {}, "done"],
    ["2", {}, "done"],
  ])("%s with %j: %s", (goal, change, verdict) => {
    expect(judge([goal], { ...up, ...change }, sent)).toBe(verdict);
  });
});

describe("goals of a service that is down", () => {
  test.each<Row>([
    ["up", {}, "again"],
    ["up", { want: "up" }, "again"],
    ["down", {}, "done"],
    ["down", { want: "up" }, "again"],
    ["exit", {}, "again"],
    ["check", {}, "done"],
    ["check", { want: "up" }, "again"],
    ["term", {}, "done"],
    ["term", { want: "up", since: fresh }, "again"],
    ["kill", {}, "done"],
    ["once", {}, "again"],
    ["once", { since: fresh }, "done"],
    ["pause", {}, "done"],
    ["cont", { paused: true }, "done"],
    ["hup", {}, "done"],
  ])("%s with %j: %s", (goal, change, verdict) => {
    expect(judge([goal], { ...down, ...change }, sent)).toBe(verdict);
  });
});

describe("a start counts as new", () => {
  const at = (seconds: number, nanoseconds: number): Verdict =>
    judge(["term"], { ...up, since: { seconds, nanoseconds } }, sent);

  test("when its label is later than the moment of sending, within the same second too", () => {
    expect(at(99, 999_999_500)).toBe("again");
    expect(at(100, 1_000_500)).toBe("check");
  });

  test("not while it is the one that was there before, however late that was", () => {
    const late: Sent = { at: sent.at, before: { ...up, since: fresh } };
    expect(judge(["term"], { ...up, since: fresh }, late)).toBe("again");
    expect(judge(["term"], { ...up, since: { seconds: 100, nanoseconds: 2500 } }, late)).toBe("check");
  });

  test("also when the clock was set back meanwhile", () => {
    expect(at(20, 500)).toBe("check");
  });
});

describe("several goals", () => {
  const goals: readonly Goal[] = ["term", "cont", "up"];

  test("a restart is done when the new run script is up, and not before", () => {
    expect(judge(goals, up, sent)).toBe("again");
    expect(judge(goals, { ...up, gotTerm: true }, sent)).toBe("again");
    expect(judge(goals, { ...down, want: "up", since: fresh }, sent)).toBe("again");
    expect(judge(goals, { ...up, since: fresh }, sent)).toBe("check");
  });

  test("the verdict is that of the goal which is furthest from done", () => {
    const all: readonly Goal[] = [...(Object.keys(commandLetters) as Goal[]), "check"];
    const records = fc.record<StatusRecord>({
      since: fc.constantFrom(old, fresh),
      pid: fc.constantFrom(0, 5),
      paused: fc.boolean(),
      want: fc.constantFrom("up", "down"),
      gotTerm: fc.boolean(),
      state: fc.constantFrom("down", "run", "finish"),
    });
    const order: readonly Verdict[] = ["done", "check", "again"];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...all)), records, (some, record) => {
        const single = some.map((goal) => order.indexOf(judge([goal], record, sent)));
        expect(judge(some, record, sent)).toBe(order[Math.max(0, ...single)]);
      }),
    );
  });
});
