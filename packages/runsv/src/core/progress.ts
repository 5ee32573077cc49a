import type { Readiness } from "@upkeep/service-directory/core/run-settings";
import type { WallTime } from "@upkeep/supervise/core/tai64n";

import { describeEnd } from "./policy.ts";
import type { End, Moment, Process } from "./moment.ts";

/** Milliseconds between two runs of `./check`: the pause grows between these. */
const checkPause = { first: 100, last: 1000 };
/** Milliseconds until a `./check` that hangs is killed. */
const checkLimit = 10_000;

/** Milliseconds after which one warning says that a run is not ready. */
const patience = 30_000;

/** A run should be ready by `lateAt`; if it is not, a warning names `why`. Infinity: the warning was given. */
interface Overdue {
  readonly lateAt: number;
  readonly why: string;
}

/**
 * How far a run is from being ready. `pollAt` is Infinity while a `./check` works or is being started.
 *
 * ```
 *   waiting (to be told) ────┐
 *   timed ───────────────────┼──▶ ready         unfinished: a job, ready by its end
 *   polled ⇄ ./check works ──┘
 * ```
 */
export type Progress =
  | { readonly kind: "ready"; readonly since: WallTime }
  | { readonly kind: "unfinished" }
  | ({ readonly kind: "waiting" } & Overdue)
  | { readonly kind: "timed"; readonly readyAt: number }
  | ({
      readonly kind: "polled";
      readonly pollAt: number;
      readonly pause: number;
      readonly check: Process | null;
      /** Infinity when the check has been killed, or none works. */
      readonly killAt: number;
    } & Overdue);

/** What is to be done about readiness now. */
export type ReadinessMove =
  | { readonly kind: "startCheck" }
  | { readonly kind: "killCheck"; readonly process: Process }
  | { readonly kind: "becomeReady" };

/**
 * The progress of a run that begins. A service that declares no readiness is ready as soon as it runs. A job, which may
 * end by success, is not: its work is done only then.
 */
export function beginProgress(readiness: Readiness | null, isJob: boolean, at: Moment): Progress {
  if (readiness === null) return isJob ? { kind: "unfinished" } : { kind: "ready", since: at.wall };
  const lateAt = at.monotonic + patience;
  switch (readiness.kind) {
    case "notification-fd":
      return { kind: "waiting", lateAt, why: `nothing written to descriptor ${readiness.fd}` };
    case "check":
      return {
        kind: "polled",
        pollAt: at.monotonic + checkPause.first,
        pause: checkPause.first,
        check: null,
        killAt: Infinity,
        lateAt,
        why: "./check has not been run",
      };
    case "ready-after":
      return readiness.millis === 0
        ? { kind: "ready", since: at.wall }
        : { kind: "timed", readyAt: at.monotonic + readiness.millis };
    default:
      return readiness satisfies never;
  }
}

/**
 * The progress of a run that has begun earlier. Where its time is over, the warning has been given already.
 *
 * @param startedAt monotonic.
 */
export function resumeProgress(readiness: Readiness | null, isJob: boolean, startedAt: number, at: Moment): Progress {
  if (readiness?.kind === "ready-after") return { kind: "timed", readyAt: startedAt + readiness.millis };
  const progress = beginProgress(readiness, isJob, at);
  if (progress.kind !== "waiting" && progress.kind !== "polled") return progress;
  const due = startedAt + patience;
  return { ...progress, lateAt: due > at.monotonic ? due : Infinity };
}

/** Monotonic: when there is something to do; Infinity for never. */
export function progressDeadline(progress: Progress): number {
  switch (progress.kind) {
    case "ready":
    case "unfinished":
      return Infinity;
    case "waiting":
      return progress.lateAt;
    case "timed":
      return progress.readyAt;
    case "polled":
      return Math.min(progress.pollAt, progress.killAt, progress.lateAt);
    default:
      return progress satisfies never;
  }
}

/** The warning, given once, about a run that is not ready in time; null: nothing to say. */
export function takeComplaint(
  progress: Progress,
  at: Moment,
): { readonly progress: Progress; readonly complaint: string | null } {
  const isLate = (progress.kind === "waiting" || progress.kind === "polled") && progress.lateAt <= at.monotonic;
  if (!isLate) return { progress, complaint: null };
  const complaint = `not ready after ${patience / 1000} s: ${progress.why}`;
  return { progress: { ...progress, lateAt: Infinity }, complaint };
}

/** Does what is due besides the warning. */
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

/** `./check` has been started. */
export function checkBegun(progress: Progress, check: Process, at: Moment): Progress {
  if (progress.kind !== "polled" || progress.check !== null) return progress;
  return { ...progress, check, killAt: at.monotonic + checkLimit };
}

/** `./check` has ended without success, or (null) could not be started. It is run again after a pause. */
export function pollAgain(progress: Progress & { readonly kind: "polled" }, exit: End | null, at: Moment): Progress {
  const isKilled = progress.check !== null && progress.killAt === Infinity;
  return {
    ...progress,
    check: null,
    killAt: Infinity,
    pollAt: at.monotonic + progress.pause,
    pause: Math.min(progress.pause * 2, checkPause.last),
    why: isKilled ? `./check was killed after ${checkLimit / 1000} s` : describeEnd(exit, "./check"),
  };
}
