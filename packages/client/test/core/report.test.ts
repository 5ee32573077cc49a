import { renderStatus, renderTrouble } from "@upkeep/client/core/report";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import { type Failure, type LastEnd, noDetails } from "@upkeep/supervise/core/state-json";
import { describe, expect, test } from "vitest";

const run: StatusRecord = {
  since: { seconds: 1000, nanoseconds: 999_999_500 },
  pid: 5,
  paused: false,
  want: "up",
  gotTerm: false,
  state: "run",
};
const down: StatusRecord = { ...run, pid: 0, state: "down" };

describe("status line", () => {
  test.each<readonly [Partial<StatusRecord>, boolean | null, string]>([
    [run, false, "run: web: (pid 5) 12s"],
    [run, true, "run: web: (pid 5) 12s, normally down"],
    [run, null, "run: web: (pid 5) 12s"],
    [
      { ...run, paused: true, want: "down", gotTerm: true },
      true,
      "run: web: (pid 5) 12s, normally down, paused, want down, got TERM",
    ],
    [{ ...run, state: "finish", want: "down" }, false, "finish: web: (pid 5) 12s, want down"],
    [{ ...down, want: "down" }, true, "down: web: 12s"],
    [{ ...down, want: "down" }, false, "down: web: 12s, normally up"],
    [down, false, "down: web: 12s, normally up, want up"],
    [down, true, "down: web: 12s, want up"],
    [down, null, "down: web: 12s, want up"],
    [{ ...down, paused: true, gotTerm: true }, true, "down: web: 12s, want up"],
    // runsv never writes this: the state and the pid contradict each other.
    [{ ...run, pid: 0 }, false, "run: web: (pid 0) 12s, normally up, want up"],
    [{ ...down, pid: 5 }, false, "down: web: 12s"],
  ])("of %j, normally down: %j, is %j", (record, isNormallyDown, line) => {
    expect(renderStatus("web", record as StatusRecord, { nowSeconds: 1012, isNormallyDown })).toBe(line);
  });

  test("counts whole seconds, none where the clock was set back", () => {
    const at = (nowSeconds: number): string => renderStatus("web", run, { nowSeconds, isNormallyDown: false });
    expect(at(1001)).toContain(" 1s");
    expect(at(1000)).toContain(" 0s");
    expect(at(3)).toContain(" 0s");
  });
});

describe("the line of a service that was to come up, and has not", () => {
  const [before, sent, after] = ["1970-01-01T00:16:40Z", { seconds: 1001, nanoseconds: 0 }, "1970-01-01T00:16:41.5Z"];
  const line = (lastExit: Partial<LastEnd>, failed: Failure | null = null): string => {
    const end: LastEnd = { code: 1, signal: null, core: false, at: after, ranMillis: 20, ...lastExit };
    const details = { ...noDetails, lastExit: end, failed };
    return renderStatus("web", down, { nowSeconds: 1012, isNormallyDown: true, details, missedSince: sent });
  };

  test.each<readonly [Partial<LastEnd>, string]>([
    [{}, ", ./run exited 1 after 20 ms"],
    [{ code: null, signal: 11 }, ", ./run was killed by signal 11 after 20 ms"],
    [{ at: before }, ""],
    // The run that was up when the command came.
    [{ ranMillis: 501 }, ""],
    [{ code: null }, ""],
    [{ code: 111, ranMillis: 0 }, ""],
    [{ code: 111 }, ", ./run exited 111 after 20 ms"],
  ])("after an end like %j has behind it %j", (lastExit, behind) => {
    expect(line(lastExit)).toBe(`down: web: 12s, want up${behind}`);
  });

  test("does not say twice how it ended", () => {
    const failed = (text: string): Failure => ({ reason: "restart", text, at: after });
    expect(line({}, failed("./run exited 1"))).toBe("down: web: 12s, want up, failed: ./run exited 1");
    expect(line({}, failed("3 failures"))).toBe(
      "down: web: 12s, want up, failed: 3 failures, ./run exited 1 after 20 ms",
    );
  });
});

test("trouble is said with the name as it was typed", () => {
  const line = renderTrouble("../a b/", { severity: "fail", message: "runsv not running" });
  expect(line).toBe("fail: ../a b/: runsv not running");
});
