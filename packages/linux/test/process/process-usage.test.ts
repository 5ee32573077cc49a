import { expect, test } from "vitest";

import { processUsage } from "@upkeep/linux/process/process-usage";

test("the processor time, memory and command line of a process are read", () => {
  const usage = processUsage(process.pid);
  expect(usage?.cpuMillis).toBeGreaterThan(0);
  expect(usage?.residentBytes).toBeGreaterThan(1_000_000);
  expect(usage?.command).not.toContain("\0");
  expect(processUsage(2 ** 22 + 1)).toBeNull();
});
