import type { StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";

/** How a service is: `unknown` when only its check script could tell. */
export type Health = "fine" | "unhealthy" | "unknown";

/**
 * Whether a service is as it should be: up if it is wanted up, and ready if it declares its readiness, and not
 * failed for good. One that declares none under `restart` `never` or `on-failure` satisfies its dependants only when
 * it has ended: whether it is a job or goes on for ever nobody can tell, and running is as healthy as it gets.
 */
export function healthOf(record: StatusRecord, details: StateDetails): Health {
  if (details.failed !== null) return "unhealthy";
  const isUp = record.state === "run" && record.pid !== 0;
  if (isJobDone(record, details) || record.want === "down") return "fine";
  if (!isUp || record.paused || isGettingReady(details)) return "unhealthy";
  return details.ready === null ? "unknown" : "fine";
}

/** Whether a one-time job has succeeded, and its `finish`, which belongs to it, is over. */
export function isJobDone({ state, pid }: StatusRecord, { satisfied, ready }: StateDetails): boolean {
  return state === "down" && pid === 0 && satisfied === true && ready === true;
}

/** Whether a service says how it gets ready, and is not. */
export function isGettingReady({ ready, readiness }: StateDetails): boolean {
  return ready === false && readiness !== null;
}
