import type { StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";

/**
 * What is known of a service that another one depends on.
 *
 * `problem` says why it will not be satisfied by itself, `note` gives a reason that is easily overlooked. Both stand behind the service's name: `is down`.
 */
export type DependencyState =
  | { readonly kind: "satisfied" | "missing" }
  | { readonly kind: "unsatisfied"; readonly problem: string | null; readonly note: string | null };

export const satisfied: DependencyState = { kind: "satisfied" };
export const missing: DependencyState = { kind: "missing" };
/** As far as anybody knows, it will be satisfied in time. */
export const unsatisfied: DependencyState = { kind: "unsatisfied", problem: null, note: null };

/** Seconds after which a service that may be a job, and has not ended, most likely is none. */
const longestJob = 30;

/**
 * What the files of a living supervisor say of its service.
 *
 * @param details null where there are none, as under runit's runsv: then a service that runs is satisfied.
 */
export function judgeDependency(
  record: StatusRecord,
  details: StateDetails | null,
  nowSeconds: number,
): DependencyState {
  const { state } = record;
  const isRunning = state === "run";
  if (details?.satisfied ?? isRunning) return satisfied;
  const { failed = null, once = null, want = null } = details ?? {};
  if (failed !== null) return stuck(`has failed: ${failed.text}`);
  if (state === "down") {
    // After `sv once` the service starts although it is wanted down. After `sv exit` another runsv comes soon.
    const isGiven = record.want !== "down" || want === "exit" || once === true;
    return isGiven ? unsatisfied : stuck("is down");
  }
  if (!isRunning || details === null || details.readiness !== null) return unsatisfied;
  // It declares no readiness, and running does not make it ready: it may be a job.
  const note = "has not ended, and has no ready-after";
  return nowSeconds - record.since.seconds < longestJob ? { kind: "unsatisfied", problem: null, note } : stuck(note);
}

function stuck(problem: string): DependencyState {
  return { kind: "unsatisfied", problem, note: null };
}
