import type { StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";

import type { Goal } from "./words.ts";

/** How far a service is: `lasting` when it is provided that the process lasts, `check` if the check script passes, too. */
export type Progress = "reached" | "lasting" | "check" | "again" | "failed";

/**
 * Whether a service has come to where it is waited for. What the supervisor does not tell, because it is
 * runit's, is what the service itself says by its check script.
 */
export function progressOf(goal: Goal, record: StatusRecord, details: StateDetails): Progress {
  const { failed, ready, readiness } = details;
  const isUp = record.state === "run" && record.pid !== 0 && !record.gotTerm;
  const isDown = record.state === "down" && record.pid === 0;
  const isDone = isJobDone(record, details);
  switch (goal) {
    case "failed":
      return failed !== null ? "reached" : "again";
    case "down":
      return isDown && (record.want === "down" || isDone || failed !== null) ? "reached" : "again";
    case "up":
      if (isUp) return "lasting";
      break;
    case "ready":
      if (isDone) return "reached";
      if (isUp && ready === null) return "check";
      if (isUp && ready === true) return readiness === null ? "lasting" : "reached";
      break;
    default:
      return goal satisfies never;
  }
  return failed !== null && !isUp ? "failed" : "again";
}

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
