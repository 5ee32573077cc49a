import { isoTime, noDetails, type StateDetails } from "@upkeep/supervise/core/state-json";
import type { RunState, StatusRecord } from "@upkeep/supervise/core/status";

import type { Trouble } from "./report.ts";

/** Version of the schema that `sv status --json` prints; see sv(8). */
const schemaVersion = 1;

/** What is known of a service, for programs. */
export interface Snapshot {
  readonly label: string;
  readonly path: string | null;
  readonly state: { readonly record: StatusRecord; readonly details: StateDetails } | Trouble;
  readonly isNormallyDown: boolean | null;
  /** Null where there is no log service; absent for a log service itself. */
  readonly log?: Snapshot | null;
}

/** A service as an object of the schema, which docs/schema/sv-show.json describes. Null stands for what is not known. */
export interface ServiceStatus extends StateDetails {
  readonly version: 1;
  readonly name: string;
  readonly path: string | null;
  readonly supervised: boolean;
  readonly error: string | null;
  readonly state: RunState | null;
  readonly pid: number | null;
  /** ISO 8601. */
  readonly since: string | null;
  readonly seconds: number | null;
  readonly normallyDown: boolean | null;
  readonly paused: boolean | null;
  readonly gotTerm: boolean | null;
  /** Absent for a log service. */
  readonly log?: ServiceStatus | null;
}

/** A service as an object of the schema. All keys are always there. */
export function describeSnapshot(snapshot: Snapshot, nowSeconds: number): ServiceStatus {
  const { label, path, state, isNormallyDown, log } = snapshot;
  const { record, details } = "record" in state ? state : { record: null, details: noDetails };
  const { want, starts, lastExit, ...rest } = details;
  return {
    version: schemaVersion,
    name: label,
    path,
    supervised: record !== null,
    error: "message" in state ? state.message : null,
    state: record?.state ?? null,
    pid: record === null || record.pid === 0 ? null : record.pid,
    since: record === null ? null : isoTime(record.since),
    seconds: record === null ? null : Math.max(0, nowSeconds - record.since.seconds),
    want: want ?? record?.want ?? null,
    normallyDown: isNormallyDown,
    paused: record?.paused ?? null,
    gotTerm: record?.gotTerm ?? null,
    starts,
    lastExit,
    ...rest,
    ...(log === undefined ? {} : { log: log === null ? null : describeSnapshot(log, nowSeconds) }),
  };
}

/** The array, with an object on each line. */
export function renderJson(objects: readonly object[]): string {
  return `[${objects.map((object) => `\n${JSON.stringify(object)}`).join(",")}\n]`;
}
