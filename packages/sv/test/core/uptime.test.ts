import type { StatusRecord } from "@upkeep/supervise/core/status";
import { initialUptime, notice, remainingTime } from "@upkeep/sv/core/uptime";
import { describe, expect, test } from "vitest";

const down: StatusRecord = {
  since: { seconds: 90, nanoseconds: 500 },
  pid: 0,
  paused: false,
  want: "down",
  gotTerm: false,
  state: "down",
};

describe("a process that is up", () => {
  test("counts when it has been seen up for a moment", () => {
    const uptime = notice(initialUptime(down), 5, 1000);
    expect(remainingTime(uptime, 1000, 0)).toBe(5);
    expect(remainingTime(notice(uptime, 5, 1005), 1005, 0)).toBe(0);
  });

  test("counts at once when it was started long ago", () => {
    expect(remainingTime(notice(initialUptime({ ...down, pid: 5 }), 5, 1000), 1000, 5000)).toBeLessThan(0);
  });

  test("is measured by what was seen where the wall clock says nonsense", () => {
    const uptime = notice(initialUptime(down), 5, 1000);
    expect(remainingTime(uptime, 1004, -3_600_000)).toBe(1);
  });

  test("must last longer after a crash, seen here or to be seen in the status before", () => {
    const first = notice(initialUptime(down), 5, 1000);
    expect(notice(notice(first, 0, 1003), 6, 2000).needed).toBe(420);
    expect(notice(first, 6, 2000).needed).toBe(420);
    expect(initialUptime({ ...down, want: "up" }).needed).toBe(420);
  });

  test("is no crash where nothing was up that counted", () => {
    const first = notice(initialUptime(down), 0, 1000);
    expect(notice(first, 5, 1001).needed).toBe(5);
  });
});
