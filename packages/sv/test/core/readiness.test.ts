import { noDetails, type StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import { type Health, healthOf, type Progress, progressOf } from "@upkeep/sv/core/goal";
import { considerDetails, type Judgement } from "@upkeep/sv/core/goals";
import type { Goal as AwaitedGoal } from "@upkeep/sv/core/words";
import { describe, expect, test } from "vitest";

const since = { seconds: 90, nanoseconds: 500 };
const run: StatusRecord = { since, pid: 5, paused: false, want: "up", gotTerm: false, state: "run" };
const down: StatusRecord = { ...run, pid: 0, state: "down" };
const off: StatusRecord = { ...down, want: "down" };

const details = (changes: Partial<StateDetails>): StateDetails => ({ ...noDetails, ...changes });
const failedAt = (at: string): StateDetails => details({ failed: { reason: "restart-limit", text: "3 failures", at } });

const undeclared = details({ ready: true });
const unready = details({ readiness: "notification-fd", ready: false });
/** It may end by success, and tells nothing else. */
const perhapsJob = details({ ready: false, satisfied: false });
const ready = details({ readiness: "notification-fd", ready: true });
const checked = details({ readiness: "check", ready: true });
const jobDone = details({ ready: true, satisfied: true });
const failed = failedAt("1970-01-01T00:01:00Z");

describe("start and check, settled", () => {
  const sent = { at: { seconds: 100, nanoseconds: 0 }, before: down };
  const judge = (goal: "up" | "check" | "down", record: StatusRecord, known: StateDetails, isSettled = true) =>
    considerDetails([goal], record, known, sent, isSettled);

  test.each<readonly [string, StatusRecord, StateDetails, Judgement]>([
    ["up, and nothing is declared", run, noDetails, "check"],
    ["up, without a declaration", run, undeclared, "check"],
    ["up and not ready", run, unready, "again"],
    ["up and ready", run, ready, "check"],
    ["up, and its supervisor has run the check script", run, checked, "check"],
    ["up, and its check script has not passed yet", run, { ...checked, ready: false }, "check"],
    ["down and waiting", down, unready, "again"],
    ["a job that has succeeded", down, jobDone, "done"],
    ["failed for good", down, failed, "failed"],
    ["failed once and running again", run, { ...failed, ready: true }, "check"],
  ])("a service that is %s", (_title, record, known, expected) => {
    expect(judge("check", record, known)).toBe(expected);
    expect(judge("up", record, known)).toBe(expected);
  });

  test("leave out what is not to be up", () => {
    expect(judge("down", off, failed)).toBe("done");
    expect(judge("check", off, noDetails)).toBe("done");
  });

  test("show a permanent failure also where the service is not wanted up any more", () => {
    expect(judge("check", off, failed)).toBe("failed");
  });

  test("do not take what was there before for an answer", () => {
    expect(judge("up", down, failed, false)).toBe("again");
    expect(judge("up", down, jobDone, false)).toBe("again");
    expect(judge("up", { ...down, since: { seconds: 101, nanoseconds: 0 } }, jobDone, false)).toBe("done");
    expect(judge("up", down, failedAt("1970-01-01T00:01:41Z"), false)).toBe("failed");
    expect(judge("check", down, jobDone, false)).toBe("done");
  });
});

describe("what sv wait waits for", () => {
  test.each<readonly [AwaitedGoal, string, StatusRecord, StateDetails, Progress]>([
    ["up", "running", run, noDetails, "lasting"],
    ["up", "running and not ready", run, unready, "lasting"],
    ["up", "running once", { ...run, want: "down" }, noDetails, "lasting"],
    ["up", "being stopped", { ...run, gotTerm: true }, noDetails, "again"],
    ["up", "finishing", { ...run, state: "finish" }, noDetails, "again"],
    ["up", "down", down, noDetails, "again"],
    ["up", "failed", down, failed, "failed"],
    ["ready", "running under runit", run, noDetails, "check"],
    ["ready", "running", run, undeclared, "lasting"],
    ["ready", "running and not ready", run, unready, "again"],
    ["ready", "running and perhaps a job", run, perhapsJob, "again"],
    ["ready", "ready", run, ready, "reached"],
    ["ready", "a job that has succeeded", off, jobDone, "reached"],
    ["ready", "failed", down, failed, "failed"],
    ["down", "down", off, noDetails, "reached"],
    ["down", "about to be started again", down, noDetails, "again"],
    ["down", "a job that has succeeded", down, jobDone, "reached"],
    ["down", "failed", down, failed, "reached"],
    ["down", "running", run, noDetails, "again"],
    ["failed", "failed", down, failed, "reached"],
    ["failed", "down", off, noDetails, "again"],
  ])("%s, of a service that is %s", (goal, _title, record, known, expected) => {
    expect(progressOf(goal, record, known)).toBe(expected);
  });
});

describe("health", () => {
  test.each<readonly [string, StatusRecord, StateDetails, Health]>([
    ["running under runit", run, noDetails, "unknown"],
    ["running", run, undeclared, "fine"],
    ["running and not ready", run, unready, "unhealthy"],
    ["running and perhaps a job", run, perhapsJob, "fine"],
    ["perhaps a job, and paused", { ...run, paused: true }, perhapsJob, "unhealthy"],
    ["perhaps a job, and about to be started", down, perhapsJob, "unhealthy"],
    ["ready", run, ready, "fine"],
    ["paused", { ...run, paused: true }, ready, "unhealthy"],
    ["starting", down, unready, "unhealthy"],
    ["finishing", { ...run, state: "finish" }, undeclared, "unhealthy"],
    ["down, as wanted", off, noDetails, "fine"],
    ["a job that has succeeded", down, jobDone, "fine"],
    ["failed", off, failed, "unhealthy"],
  ])("of a service that is %s", (_title, record, known, expected) => {
    expect(healthOf(record, known)).toBe(expected);
  });
});
