import type { Readiness } from "@upkeep/service-directory/run-settings";
import type { WallTime } from "@upkeep/supervise/tai64n";

import type { Moment, Process } from "./process.ts";

/** Milliseconds between two runs of `./check`: growing between these. */
const checkPause = { first: 100, last: 1000 };
/** Milliseconds until a `./check` that hangs is killed. */
const checkLimit = 10_000;

/**
 * Where a run stands on its way to be ready. `pollAt` is Infinity while a `./check` works or is being started.
 *
 * ```
 *   waiting (to be told) ────┐
 *   timed ───────────────────┼──▶ ready
 *   polled ⇄ ./check works ──┘
 * ```
 */
export type Progress =
  | { readonly kind: "ready"; readonly since: WallTime }
  | { readonly kind: "waiting" }
  | { readonly kind: "timed"; readonly readyAt: number }
  | {
      readonly kind: "polled";
      readonly pollAt: number;
      readonly pause: number;
      readonly check: Process | null;
      readonly killAt: number;
    };

/** What is to be done about readiness now. */
export type ReadinessMove =
  | { readonly kind: "startCheck" }
  | { readonly kind: "killCheck"; readonly process: Process }
  | { readonly kind: "becomeReady" };

/**
 * The progress of a run that begins. One that declares nothing is ready by running, unless it is one that may end by
 * success: what it is there for has been done only then.
 */
export function beginProgress(readiness: Readiness | null, isJob: boolean, at: Moment): Progress {
  if (readiness === null) return isJob ? { kind: "waiting" } : { kind: "ready", since: at.wall };
  switch (readiness.kind) {
    case "notification-fd":
      return { kind: "waiting" };
    case "check":
      return {
        kind: "polled",
        pollAt: at.monotonic + checkPause.first,
        pause: checkPause.first,
        check: null,
        killAt: Infinity,
      };
    case "ready-after":
      return readiness.millis === 0
        ? { kind: "ready", since: at.wall }
        : { kind: "timed", readyAt: at.monotonic + readiness.millis };
    default:
      return readiness satisfies never;
  }
}

/** Monotonic: when there is something to do; Infinity for never. */
export function progressDeadline(progress: Progress): number {
  switch (progress.kind) {
    case "ready":
    case "waiting":
      return Infinity;
    case "timed":
      return progress.readyAt;
    case "polled":
      return Math.min(progress.pollAt, progress.killAt);
    default:
      return progress satisfies never;
  }
}

/** Does what is due. */
export function moveProgress(
  progress: Progress,
  at: Moment,
): { readonly progress: Progress; readonly move: ReadinessMove | null } {
  if (progressDeadline(progress) > at.monotonic) return { progress, move: null };
  if (progress.kind === "timed") return { progress, move: { kind: "becomeReady" } };
  if (progress.kind !== "polled") return { progress, move: null };
  if (progress.check !== null) {
    return { progress: { ...progress, killAt: Infinity }, move: { kind: "killCheck", process: progress.check } };
  }
  return { progress: { ...progress, pollAt: Infinity }, move: { kind: "startCheck" } };
}

/** `./check` has been started, or could not be. */
export function checkAnswered(progress: Progress, check: Process | null, at: Moment): Progress {
  if (progress.kind !== "polled" || progress.check !== null) return progress;
  if (check === null) return pollAgain(progress, at);
  return { ...progress, check, killAt: at.monotonic + checkLimit };
}

/** `./check` has ended without success: it is run again after a pause. */
export function pollAgain(progress: Progress & { readonly kind: "polled" }, at: Moment): Progress {
  return {
    ...progress,
    check: null,
    killAt: Infinity,
    pollAt: at.monotonic + progress.pause,
    pause: Math.min(progress.pause * 2, checkPause.last),
  };
}
