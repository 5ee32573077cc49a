import type { ProcessInfo } from "@upkeep/linux/process/process-info";

/** A process like any other, for tests that look at one thing of it. */
export const someProcess: ProcessInfo = {
  state: "S",
  parent: 1,
  group: 5,
  session: 5,
  terminalGroup: -1,
  threads: 1,
  startTicks: 100,
};
