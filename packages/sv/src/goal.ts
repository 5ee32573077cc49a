import type { StateDetails } from "@upkeep/supervise/state-details";
import type { StatusRecord } from "@upkeep/supervise/status-record";

import type { Goal } from "./words.ts";

/** How far a service is: `lasting` when it is provided that the process lasts, `check` if the check script passes, too. */
export type Progress = "reached" | "lasting" | "check" | "again" | "failed";

/**
 * Whether a service has come to where it is waited for. What the supervisor does not tell, because it is
 * runit's, is what the service itself says by its check script.
 */
export function progressOf(goal: Goal, record: StatusRecord, details: StateDetails): Progress {
  const { failed, satisfied, ready, readiness } = details;
  const isUp = record.state === "run" && record.pid !== 0 && !record.gotTerm;
  const isDown = record.state === "down" && record.pid === 0;
  const isJobDone = isDown && satisfied === true && ready === true;
  switch (goal) {
    case "failed":
      return failed !== null ? "reached" : "again";
    case "down":
      return isDown && (record.want === "down" || isJobDone || failed !== null) ? "reached" : "again";
    case "up":
      if (isUp) return "lasting";
      break;
    case "ready":
      if (isJobDone) return "reached";
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

/** Whether a service is as it should be: up and ready if it is wanted up, and not failed for good. */
export function healthOf(record: StatusRecord, { ready, satisfied, failed }: StateDetails): Health {
  if (failed !== null) return "unhealthy";
  const isUp = record.state === "run" && record.pid !== 0;
  const isJobDone = !isUp && satisfied === true && ready === true;
  if (isJobDone || record.want === "down") return "fine";
  if (!isUp || record.paused || ready === false) return "unhealthy";
  return ready === true ? "fine" : "unknown";
}
