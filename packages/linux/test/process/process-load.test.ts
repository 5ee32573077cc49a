import { expect, test } from "vitest";

import { listLoads, pageSize, parseProcessLoad } from "../../src/process/process-load.ts";

test("a line of /proc/PID/stat tells what a process uses, with the children that it has waited for", () => {
  const line = "7 (a) b) S 1 7 7 0 -1 4194560 9 9 0 0 10 20 300 4000 20 0 1 0 555 9000 42 18446744073709551615";
  expect(parseProcessLoad(7, line)).toMatchObject({
    pid: 7,
    parent: 1,
    startTicks: 555,
    ticks: 4330,
    residentPages: 42,
  });
});

test("this process is listed, with memory about as large as it says of itself", () => {
  const own = listLoads().find(({ pid }) => pid === process.pid);
  expect(own?.parent).toBe(process.ppid);
  const bytes = (own?.residentPages ?? 0) * pageSize();
  expect(bytes / process.memoryUsage.rss()).toBeGreaterThan(0.5);
  expect(bytes / process.memoryUsage.rss()).toBeLessThan(2);
});
