import type { ListedProcess } from "@upkeep/linux/process/process-info";
import { processUsage } from "@upkeep/linux/process/process-usage";

import type { Snapshot } from "../core/json.ts";
import type { ServiceUsage, ShownProcess } from "../core/picture.ts";
import type { ProcessTable } from "../core/process-table.ts";

type Processes = ProcessTable<ListedProcess>;

/** The processes of a service; a parent before its children. */
export function processesOf(snapshot: Snapshot, processes: Processes): readonly ShownProcess[] {
  return processes.membersOf(snapshot).flatMap(({ pid, parent }) => {
    const usage = processUsage(pid);
    return usage === null ? [] : [{ pid, parent, ...usage }];
  });
}

/** What the processes of a service use together; null where none runs. */
export function usageOf(snapshot: Snapshot, processes: Processes): ServiceUsage | null {
  const usages = processes.membersOf(snapshot).flatMap(({ pid }) => processUsage(pid) ?? []);
  if (usages.length === 0) return null;
  const sum = (amounts: readonly number[]): number => amounts.reduce((total, one) => total + one, 0);
  return {
    cpuMillis: sum(usages.map(({ cpuMillis }) => cpuMillis)),
    residentBytes: sum(usages.map(({ residentBytes }) => residentBytes ?? 0)),
  };
}
