import type { StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";

import { isJobDone } from "./health.ts";
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
