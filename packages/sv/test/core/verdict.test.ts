import { noDetails, type StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import { considerDetails, type Judgement } from "@upkeep/sv/core/goals";
import { describe, expect, test } from "vitest";

import { run, down, off, failedAt, undeclared, unready, ready, checked, jobDone, failed } from "../helpers/records.ts";

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
