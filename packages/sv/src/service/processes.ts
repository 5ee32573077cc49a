import type { ProcessInfo } from "@upkeep/linux/process/process-info";
import { processUsage } from "@upkeep/linux/process/process-usage";

import type { Snapshot } from "../core/json.ts";
import type { ServiceUsage } from "../core/list.ts";
import type { ShownProcess } from "../core/picture.ts";

type Listed = ProcessInfo & { readonly pid: number };

/**
 * The process of a service, what has come of it, and what else is in its session or process group; a parent before its
 * children.
 *
 * @param all processes.
 */
export function processesOf(snapshot: Snapshot, all: readonly Listed[]): readonly ShownProcess[] {
  return pidsOf(snapshot, all).flatMap((pid) => {
    const usage = processUsage(pid);
    return usage === null ? [] : [{ pid, parent: all.find((one) => one.pid === pid)?.parent ?? 0, ...usage }];
  });
}

/** What the processes of a service use together; null where none runs. */
export function usageOf(snapshot: Snapshot, all: readonly Listed[]): ServiceUsage | null {
  const usages = pidsOf(snapshot, all).flatMap((pid) => processUsage(pid) ?? []);
  if (usages.length === 0) return null;
  const sum = (amounts: readonly number[]): number => amounts.reduce((total, one) => total + one, 0);
  return {
    cpuMillis: sum(usages.map(({ cpuMillis }) => cpuMillis)),
    residentBytes: sum(usages.map(({ residentBytes }) => residentBytes ?? 0)),
  };
}

function pidsOf({ state }: Snapshot, all: readonly Listed[]): readonly number[] {
  if (!("record" in state) || state.record.pid === 0) return [];
  const { pid } = state.record;
  const session = all.find((one) => one.pid === pid)?.session === pid ? pid : null;
  const found = new Set<number>();
  const add = (parent: number): void => {
    if (found.has(parent)) return;
    found.add(parent);
    for (const child of all) if (child.parent === parent) add(child.pid);
  };
  add(pid);
  for (const one of all) if (one.session === session || one.group === state.details.processGroup) add(one.pid);
  return [...found];
}
