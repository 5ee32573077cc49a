import type { Snapshot } from "@upkeep/client/core/json";
import type { ServiceUsage } from "@upkeep/client/core/picture";
import { tableOf } from "@upkeep/client/core/process-table";
import { usageOf } from "@upkeep/client/service/processes";
import { listProcesses } from "@upkeep/linux/process/process-info";

/** What each service uses now; null where nothing runs. */
export function usagesOf(snapshots: readonly Snapshot[]): readonly (ServiceUsage | null)[] {
  const all = tableOf(listProcesses());
  return snapshots.map((snapshot) => usageOf(snapshot, all));
}
