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
  test("counts when it has been seen up for 100 ms", () => {
    const uptime = notice(initialUptime(down), 5, 1000);
    expect(remainingTime(uptime, null, 1000, 0)).toBe(100);
    expect(remainingTime(notice(uptime, 5, 1100), null, 1100, 0)).toBe(0);
  });

  test("counts at once when it was started long ago", () => {
    const uptime = notice(initialUptime({ ...down, pid: 5 }), 5, 1000);
    expect(remainingTime(uptime, null, 1000, 5000)).toBeLessThan(0);
  });

  test("is measured by what was seen where the wall clock says nonsense", () => {
    const uptime = notice(initialUptime(down), 5, 1000);
    expect(remainingTime(uptime, null, 1099, -3_600_000)).toBe(1);
  });

  test("must last longer after a crash, seen here or to be seen in the status before", () => {
    const first = notice(initialUptime(down), 5, 1000);
    const again = [notice(notice(first, 0, 1003), 6, 2000), notice(first, 6, 2000)];
    expect(again.map((uptime) => remainingTime(uptime, null, 2000, 0))).toEqual([420, 420]);
    expect(initialUptime({ ...down, want: "up" }).isAfterCrash).toBe(true);
  });

  test("is no crash where nothing was up that counted", () => {
    const first = notice(initialUptime(down), 0, 1000);
    expect(remainingTime(notice(first, 5, 1001), null, 1001, 0)).toBe(100);
  });

  test("counts at once when it has declared that it is ready", () => {
    const fresh = notice(initialUptime(down), 5, 1000);
    const again = notice(fresh, 6, 1000);
    const left = (uptime: typeof fresh): readonly number[] =>
      ["notification-fd", "check", "ready-after"].map((readiness) => remainingTime(uptime, readiness, 1000, 0));
    expect(left(fresh)).toEqual([0, 0, 0]);
    // A time that is over says less than the service itself.
    expect(left(again)).toEqual([0, 0, 420]);
  });
});
