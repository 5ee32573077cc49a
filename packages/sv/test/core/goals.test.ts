import type { Goal } from "@upkeep/client/core/commands";
import { commandLetters } from "@upkeep/supervise/core/command";
import { noDetails, type StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import { type Baseline, judgeGoals, judgeWithDetails, type Verdict } from "@upkeep/sv/core/goals";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  checked,
  down,
  failed,
  failedAt,
  jobDone,
  off,
  ready,
  run,
  undeclared,
  unready,
} from "../../../client/test/helpers/records.ts";

const old = { seconds: 90, nanoseconds: 500 };
const fresh = { seconds: 100, nanoseconds: 1500 };

/** Sent in second 100, to a service whose last change was in second 90. */
const baseline: Baseline = { at: { seconds: 100, nanoseconds: 0 }, before: run };

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
    ["once", { want: "down" }, "reached"],
    ["pause", {}, "again"],
    ["pause", { paused: true }, "reached"],
    ["cont", {}, "reached"],
    ["cont", { paused: true }, "again"],
    ["hup", {}, "reached"],
    ["alarm", {}, "reached"],
    ["interrupt", {}, "reached"],
    ["quit", {}, "reached"],
    ["1", {}, "reached"],
    ["2", {}, "reached"],
  ])("%s with %j: %s", (goal, change, verdict) => {
    expect(judgeGoals([goal], { ...run, ...change }, baseline)).toBe(verdict);
  });
});

describe("goals of a service that is down", () => {
  test.each<Row>([
    ["up", {}, "again"],
    ["up", { want: "up" }, "again"],
    ["down", {}, "reached"],
    ["down", { want: "up" }, "again"],
    ["exit", {}, "again"],
    ["check", {}, "reached"],
    ["check", { want: "up" }, "again"],
    ["term", {}, "reached"],
    ["term", { want: "up", since: fresh }, "again"],
    ["kill", {}, "reached"],
    ["once", {}, "again"],
    ["once", { since: fresh }, "reached"],
    ["pause", {}, "reached"],
    ["cont", { paused: true }, "reached"],
    ["hup", {}, "reached"],
  ])("%s with %j: %s", (goal, change, verdict) => {
    expect(judgeGoals([goal], { ...off, ...change }, baseline)).toBe(verdict);
  });
});

describe("a start counts as new", () => {
  const at = (seconds: number, nanoseconds: number): Verdict =>
    judgeGoals(["term"], { ...run, since: { seconds, nanoseconds } }, baseline);

  test("when its label is later than the moment of sending, within the same second too", () => {
    expect(at(99, 999_999_500)).toBe("again");
    expect(at(100, 1_000_500)).toBe("check");
  });

  test("not while it is the one that was there before, however late that was", () => {
    const late: Baseline = { at: baseline.at, before: { ...run, since: fresh } };
    expect(judgeGoals(["term"], { ...run, since: fresh }, late)).toBe("again");
    expect(judgeGoals(["term"], { ...run, since: { seconds: 100, nanoseconds: 2500 } }, late)).toBe("check");
  });

  test("also when the clock was set back meanwhile", () => {
    expect(at(20, 500)).toBe("check");
  });
});

describe("several goals", () => {
  const goals: readonly Goal[] = ["term", "cont", "up"];

  test("a restart is done when the new run script is up, and not before", () => {
    expect(judgeGoals(goals, run, baseline)).toBe("again");
    expect(judgeGoals(goals, { ...run, gotTerm: true }, baseline)).toBe("again");
    expect(judgeGoals(goals, { ...off, want: "up", since: fresh }, baseline)).toBe("again");
    expect(judgeGoals(goals, { ...run, since: fresh }, baseline)).toBe("check");
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
    const order: readonly Verdict[] = ["reached", "check", "again"];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...all)), records, (some, record) => {
        const single = some.map((goal) => order.indexOf(judgeGoals([goal], record, baseline)));
        expect(judgeGoals(some, record, baseline)).toBe(order[Math.max(0, ...single)]);
      }),
    );
  });
});

describe("start and check, settled", () => {
  const whenDown: Baseline = { at: { seconds: 100, nanoseconds: 0 }, before: down };
  const judge = (goal: "up" | "check" | "down", record: StatusRecord, known: StateDetails, isSettled = true) =>
    judgeWithDetails([goal], record, known, whenDown, isSettled);

  test.each<readonly [string, StatusRecord, StateDetails, Verdict]>([
    ["up, and nothing is declared", run, noDetails, "check"],
    ["up, without a declaration", run, undeclared, "check"],
    ["up and not ready", run, unready, "again"],
    ["up and ready", run, ready, "check"],
    ["up, and its supervisor has run the check script", run, checked, "check"],
    ["up, and its check script has not passed yet", run, { ...checked, ready: false }, "check"],
    ["down and waiting", down, unready, "again"],
    ["a job that has succeeded", down, jobDone, "reached"],
    ["failed for good", down, failed, "failed"],
    ["failed once and running again", run, { ...failed, ready: true }, "check"],
  ])("a service that is %s", (_title, record, known, expected) => {
    expect(judge("check", record, known)).toBe(expected);
    expect(judge("up", record, known)).toBe(expected);
  });

  test("leave out what is not to be up", () => {
    expect(judge("down", off, failed)).toBe("reached");
    expect(judge("check", off, noDetails)).toBe("reached");
  });

  test("show a permanent failure also where the service is not wanted up any more", () => {
    expect(judge("check", off, failed)).toBe("failed");
  });

  test("do not take what was there before for an answer", () => {
    expect(judge("up", down, failed, false)).toBe("again");
    expect(judge("up", down, jobDone, false)).toBe("again");
    expect(judge("up", { ...down, since: { seconds: 101, nanoseconds: 0 } }, jobDone, false)).toBe("reached");
    expect(judge("up", down, failedAt("1970-01-01T00:01:41Z"), false)).toBe("failed");
    expect(judge("check", down, jobDone, false)).toBe("reached");
  });
});
