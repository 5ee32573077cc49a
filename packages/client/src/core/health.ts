import { type LastEnd, type StateDetails, timeOf } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";

import type { Snapshot } from "./json.ts";

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

/** A service that came up after a failure less than this ago may fail again, in seconds. */
const young = 15;

/**
 * Whether a log service needs somebody. Its service stops as soon as the pipe to it is full, so it may not fail again and
 * again as a service may; nor be without a supervisor.
 *
 * @param log absent or null: there is none, and nothing is wrong.
 */
export function isLogBroken(log: Snapshot | null | undefined, nowSeconds: number): boolean {
  if (log === null || log === undefined) return false;
  if (!("record" in log.state)) return true;
  const { record, details } = log.state;
  return healthOf(record, details) === "unhealthy" || isReturning(record, details, nowSeconds);
}

/** Whether `./run` was started a moment ago after it had failed. */
export function isReturning({ state, since }: StatusRecord, { lastExit }: StateDetails, nowSeconds: number): boolean {
  const end = timeOf(lastExit?.at);
  if (state !== "run" || lastExit === null || end === null || !isFailure(lastExit)) return false;
  return nowSeconds - since.seconds < young && nowSeconds - end.seconds < young;
}

/** Whether an end is worth a look: any code but 0, and any signal but the TERM that stops a service. */
export function isFailure({ code, signal }: Pick<LastEnd, "code" | "signal">): boolean {
  return signal === null ? code !== 0 : signal !== 15;
}

/**
 * Since when a service is in its state, in seconds since 1970. While it ends, that is since the end of `./run`: its status
 * has the start then. Null where nobody knows that end, as below runit's `runsv`.
 */
export function stateSince({ state, since }: StatusRecord, { lastExit }: StateDetails): number | null {
  if (state !== "finish") return since.seconds;
  const end = timeOf(lastExit?.at);
  return end === null ? null : Math.max(end.seconds, since.seconds);
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
