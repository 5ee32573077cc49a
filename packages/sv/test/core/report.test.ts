import type { StatusRecord } from "@upkeep/supervise/core/status";
import { renderStatus, renderTrouble } from "@upkeep/sv/core/report";
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

test("trouble is said with the name as it was typed", () => {
  const line = renderTrouble("../a b/", { severity: "fail", message: "runsv not running" });
  expect(line).toBe("fail: ../a b/: runsv not running");
});
