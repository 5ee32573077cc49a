import type { StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";

/**
 * What is known of a service that another one depends on.
 *
 * `problem`: why it will not be satisfied by itself. `note`: why it is not yet, where nobody would think of that. Both are
 * said behind its name: `is down`.
 */
export type Judgement =
  | { readonly kind: "satisfied" | "missing" }
  | { readonly kind: "unsatisfied"; readonly problem: string | null; readonly note: string | null };

export const satisfied: Judgement = { kind: "satisfied" };
export const missing: Judgement = { kind: "missing" };
/** It will be in time, for all that is known. */
export const unsatisfied: Judgement = { kind: "unsatisfied", problem: null, note: null };

/** Seconds after which one that may be a job, and has not ended, most likely is none. */
const longestJob = 30;

/**
 * What the files of a living supervisor say of its service.
 *
 * @param details null where there are none: of runit's it counts that it runs.
 */
export function judgeDependency(record: StatusRecord, details: StateDetails | null, nowSeconds: number): Judgement {
  const { state } = record;
  const isRunning = state === "run";
  if (details?.satisfied ?? isRunning) return satisfied;
  const { failed = null, once = null, want = null } = details ?? {};
  if (failed !== null) return stuck(`has failed: ${failed.text}`);
  if (state === "down") {
    // One that is asked for once is about to start although it is wanted down; one that ends is gone soon.
    const isGiven = record.want !== "down" || want === "exit" || once === true;
    return isGiven ? unsatisfied : stuck("is down");
  }
  if (!isRunning || details === null || details.readiness !== null) return unsatisfied;
  // Only one that may end by success is not ready by running.
  const note = "has not ended, and has no ready-after";
  return nowSeconds - record.since.seconds < longestJob ? { kind: "unsatisfied", problem: null, note } : stuck(note);
}

function stuck(problem: string): Judgement {
  return { kind: "unsatisfied", problem, note: null };
}
