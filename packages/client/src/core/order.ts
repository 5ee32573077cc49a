import { timeOf } from "@upkeep/supervise/core/state-json";

import { isGettingReady, isJobDone } from "./health.ts";
import type { Snapshot } from "./json.ts";
import type { Looked } from "./usage.ts";

/** What the table can be sorted by, in the order of its columns. */
export const sortKeys = ["service", "state", "up", "restarts", "cpu", "memory", "exit"] as const;

export type SortKey = (typeof sortKeys)[number];

/** In which order services stand. */
export interface Sorting {
  readonly key: SortKey;
  readonly isReversed: boolean;
}

/** Services in an order; of equal ones, their order stays. */
export function sortServices<One extends Looked>(
  services: readonly One[],
  { key, isReversed }: Sorting,
): readonly One[] {
  const value = values[key];
  const sorted = services.toSorted((one, other) => compare(value(one), value(other)));
  return isReversed ? sorted.toReversed() : sorted;
}

/** Where a row stands: numbers from the one that is worth a look to the one that is not. */
const values: Readonly<Record<SortKey, (one: Looked) => number | string>> = {
  service: ({ snapshot }) => snapshot.label,
  state: ({ snapshot }) => urgency(snapshot),
  up: ({ snapshot: { state } }) => ("record" in state ? -state.record.since.seconds : Infinity),
  restarts: ({ snapshot: { state } }) => ("record" in state ? -(state.details.starts ?? 0) : 1),
  cpu: ({ use }) => -(use?.percent ?? -1),
  memory: ({ use }) => -(use?.residentBytes ?? -1),
  exit: ({ snapshot: { state } }) =>
    -(("record" in state ? timeOf(state.details.lastExit?.at ?? null) : null)?.seconds ?? 0),
};

function compare(one: number | string, other: number | string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** 0 needs somebody first. */
function urgency({ state }: Snapshot): number {
  if (!("record" in state)) return 1;
  const { record, details } = state;
  if (details.failed !== null) return 0;
  if (isJobDone(record, details)) return 6;
  if (record.state !== "run") return record.want === "up" ? 2 : 7;
  if (record.paused) return 3;
  return isGettingReady(details) ? 4 : 5;
}
