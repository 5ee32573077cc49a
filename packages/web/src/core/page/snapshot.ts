import type { ServiceStatus, Snapshot } from "@upkeep/client/core/json";
import { noDetails, type StateDetails, timeOf } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";

/** What an object of the schema was made of, so that the page judges a service by the rules of `sv`. */
export function snapshotOf(status: ServiceStatus): Snapshot {
  const { name, path, error, normallyDown, log } = status;
  const record = recordOf(status);
  const trouble = { severity: "fail", message: error ?? "nothing is known of it" } as const;
  return {
    label: name,
    path,
    state: record === null ? trouble : { record, details: detailsOf(status) },
    isNormallyDown: normallyDown,
    ...(log === undefined ? {} : { log: log === null ? null : snapshotOf(log) }),
  };
}

function recordOf({ state, since, pid, want, paused, gotTerm }: ServiceStatus): StatusRecord | null {
  const time = timeOf(since);
  if (state === null || time === null) return null;
  return {
    since: time,
    pid: pid ?? 0,
    paused: paused === true,
    want: want === "up" ? "up" : "down",
    gotTerm: gotTerm === true,
    state,
  };
}

/** Only the fields of this type: the object has more, and one of a later version may have yet others. */
function detailsOf(status: ServiceStatus): StateDetails {
  const names = Object.keys(noDetails) as (keyof StateDetails)[];
  return { ...noDetails, ...Object.fromEntries(names.map((name) => [name, status[name] ?? null])) };
}
