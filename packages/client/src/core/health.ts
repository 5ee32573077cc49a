import type { StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";

/** How a service is: `unknown` when only its check script can tell. */
export type Health = "fine" | "unhealthy" | "unknown";

/**
 * Whether a service is as it should be: up if it is wanted up, ready if it declares its readiness, and not failed
 * for good.
 *
 * A service that declares no readiness under `restart` `never` or `on-failure` satisfies its dependants only when it
 * has ended. Nobody can tell whether it is a job or runs for ever, so running counts as fine.
 */
export function healthOf(record: StatusRecord, details: StateDetails): Health {
  if (details.failed !== null) return "unhealthy";
  const isUp = record.state === "run" && record.pid !== 0;
  if (isJobDone(record, details) || record.want === "down") return "fine";
  if (!isUp || record.paused || isGettingReady(details)) return "unhealthy";
  return details.ready === null ? "unknown" : "fine";
}

/** Whether a job is done, and its `finish`, which belongs to it, has ended. */
export function isJobDone({ state, pid }: StatusRecord, { satisfied, ready }: StateDetails): boolean {
  return state === "down" && pid === 0 && satisfied === true && ready === true;
}

/** Whether a service declares its readiness and is not ready yet. */
export function isGettingReady({ ready, readiness }: StateDetails): boolean {
  return ready === false && readiness !== null;
}

/** What statfs(2) says of the space on a file system, in blocks. */
export interface Space {
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
}

/** Whether a user can write no more to a file system. One without blocks, such as /proc, has no limit. */
export function isOutOfSpace({ blocks, bfree, bavail }: Space, isRoot: boolean): boolean {
  return blocks > 0 && (isRoot ? bfree : bavail) === 0;
}
