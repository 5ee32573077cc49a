import { noDetails, type StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import { type AwaitedState, judgeState } from "@upkeep/sv/core/awaited-state";
import type { Verdict } from "@upkeep/sv/core/goals";
import { describe, expect, test } from "vitest";

import {
  run,
  down,
  off,
  undeclared,
  unready,
  perhapsJob,
  ready,
  jobDone,
  failed,
} from "../../../client/test/helpers/records.ts";

describe("what sv wait waits for", () => {
  test.each<readonly [AwaitedState, string, StatusRecord, StateDetails, Verdict]>([
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
    expect(judgeState(goal, record, known)).toBe(expected);
  });
});
