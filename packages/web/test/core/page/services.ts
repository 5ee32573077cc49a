import { noDetails, type StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import type { Snapshot } from "@upkeep/client/core/json";
import type { ServiceEntry } from "@upkeep/web/core/api";
import { describeSnapshot } from "@upkeep/client/core/json";
import type { PageService } from "@upkeep/web/core/page/rows";

/** The time of these tests, in seconds. */
export const now = 1_000_000;

export const iso = (ago: number): string => new Date((now - ago) * 1000).toISOString();

const running: StatusRecord = {
  state: "run",
  pid: 7,
  since: { seconds: now - 500, nanoseconds: 0 },
  paused: false,
  want: "up",
  gotTerm: false,
};

export function snapshot(
  label: string,
  record: Partial<StatusRecord> = {},
  details: Partial<StateDetails> = {},
): Snapshot {
  const state = { record: { ...running, ...record }, details: { ...noDetails, ...details } };
  return { label, path: `/sv/${label}`, state, isNormallyDown: false, log: null };
}

export const off: Partial<StatusRecord> = { state: "down", pid: 0, want: "down" };
export const down: Partial<StatusRecord> = { state: "down", pid: 0 };
export const unsupervised: Snapshot = {
  label: "gone",
  path: "/sv/gone",
  state: { severity: "fail", message: "runsv not running" },
  isNormallyDown: null,
  log: null,
};

export function service(snap: Snapshot, more: Partial<PageService> = {}): PageService {
  const rest = { place: null, use: null, percents: [], bytes: [], ends: [] };
  return { id: snap.label, directory: "/sv", snapshot: snap, ...rest, ...more };
}

export function entry(snap: Snapshot, more: Partial<ServiceEntry> = {}): ServiceEntry {
  return {
    ...describeSnapshot(snap, now),
    id: snap.label,
    directory: "/sv",
    condition: "up",
    use: null,
    sameEnds: [],
    ...more,
  };
}
