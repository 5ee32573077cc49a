import { isJobDone } from "@upkeep/client/core/health";
import type { StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";

import type { Verdict } from "./goals.ts";

/** What `sv wait` can wait for. */
export type AwaitedState = "up" | "down" | "ready" | "failed";

/**
 * Whether a service has come to the state that is waited for. runit's supervisor does not tell whether a service
 * is ready, so its check script is asked.
 */
export function judgeState(awaited: AwaitedState, record: StatusRecord, details: StateDetails): Verdict {
  const { failed, ready, readiness } = details;
  const isUp = record.state === "run" && record.pid !== 0 && !record.gotTerm;
  const isDown = record.state === "down" && record.pid === 0;
  const isDone = isJobDone(record, details);
  switch (awaited) {
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
      return awaited satisfies never;
  }
  return failed !== null && !isUp ? "failed" : "again";
}
