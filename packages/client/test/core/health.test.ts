import { type Health, healthOf, isOutOfSpace } from "@upkeep/client/core/health";
import { noDetails, type StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import { describe, expect, test } from "vitest";

import { run, down, off, undeclared, unready, perhapsJob, ready, jobDone, failed } from "../helpers/records.ts";

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

describe("space on a file system", () => {
  test.each([
    ["has some", { blocks: 8, bfree: 2, bavail: 1 }, false, false],
    ["has some for root only", { blocks: 8, bfree: 2, bavail: 0 }, true, false],
    ["has none", { blocks: 8, bfree: 0, bavail: 0 }, true, true],
    ["has no limit", { blocks: 0, bfree: 0, bavail: 0 }, false, false],
  ])("%s", (_title, space, forUser, forRoot) => {
    expect([isOutOfSpace(space, false), isOutOfSpace(space, true)]).toEqual([forUser, forRoot]);
  });
});
