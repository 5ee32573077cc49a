import type { Goal } from "@upkeep/client/core/commands";
import { isJobDone } from "@upkeep/client/core/health";
import { type StateDetails, timeOf } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import { compareTime, type WallTime } from "@upkeep/supervise/core/tai64n";

/** How far a service is from what is waited for. */
export type Verdict =
  | "reached"
  /** Reached if the process that is up now lasts. */
  | "lasting"
  /** Reached if that process lasts and the check script passes. */
  | "check"
  | "again"
  /** It will never be reached. */
  | "failed";

/** What a new status is compared with: the status just before the commands were sent, and the time when they were. */
export interface Baseline {
  readonly at: WallTime;
  readonly before: StatusRecord;
}

/**
 * Whether the status of a supervised service shows that all goals are reached: the verdict on the goal that is
 * furthest from it.
 *
 * The goal `exit` is never reached here: a supervisor that has ended writes no status.
 */
export function judgeGoals(goals: readonly Goal[], record: StatusRecord, baseline: Baseline): Verdict {
  const verdicts = goals.map((goal) => judgeGoal(goal, record, baseline));
  return verdicts.find((one) => one === "again") ?? verdicts.find((one) => one === "check") ?? "reached";
}

/**
 * Adds what `state.json` says to the verdict of {@link judgeGoals}.
 *
 * Up means ready for a service that declares its readiness. A job that is done counts as up. A service that has
 * failed for good is not waited for.
 *
 * @param isSettled whether the supervisor has had the time to act on the commands. Until then, an earlier failure
 * or success may be about to be taken back.
 */
export function judgeWithDetails(
  goals: readonly Goal[],
  record: StatusRecord,
  details: StateDetails,
  baseline: Baseline,
  isSettled: boolean,
): Verdict {
  const verdict = judgeGoals(goals, record, baseline);
  if (!concernReadiness(goals)) return verdict;
  const { failed, ready, readiness } = details;
  if (failed !== null && record.state !== "run") {
    const at = timeOf(failed.at);
    if (isSettled || (at !== null && compareTime(at, baseline.at) > 0)) return "failed";
  }
  if (isJobDone(record, details) && (isSettled || isNew(record, baseline) || !goals.includes("up"))) return "reached";
  // sv runs a check script itself, as runit's sv does.
  if (verdict !== "check" || readiness === null || readiness === "check") return verdict;
  return ready === true ? "check" : "again";
}

/** Whether readiness matters: whether one of the goals is a service that is up. */
export function concernReadiness(goals: readonly Goal[]): boolean {
  return goals.some((goal) => goal === "up" || goal === "check" || goal === "term");
}

function judgeGoal(goal: Goal, record: StatusRecord, baseline: Baseline): Verdict {
  const { pid, want, paused, gotTerm, state } = record;
  const isUp = pid !== 0;
  switch (goal) {
    case "up":
      return isUp && state === "run" && want === "up" ? "check" : "again";
    case "down":
      // runit ignores what is wanted, and so takes a crashed service, about to be started again, for a stopped one.
      return reachedIf(!isUp && state === "down" && want === "down");
    case "check":
      return judgeGoal(want, record, baseline);
    case "term":
    case "kill":
      if (!isUp && want === "down") return "reached";
      return isUp && !gotTerm && isNew(record, baseline) ? "check" : "again";
    case "once":
      return reachedIf(isUp ? want === "down" : isNew(record, baseline));
    case "pause":
      return reachedIf(!isUp || paused);
    case "cont":
      return reachedIf(!isUp || !paused);
    case "exit":
      return "again";
    default:
      // The status does not show that one of the other signals was sent.
      return "reached";
  }
}

function reachedIf(isReached: boolean): Verdict {
  return isReached ? "reached" : "again";
}

/**
 * Whether the record's time stamp was made after the commands were sent.
 *
 * It must differ from the one before, because `baseline.at` has only milliseconds. A stamp earlier than the one
 * before means that the clock was set back meanwhile.
 */
function isNew({ since }: StatusRecord, { at, before }: Baseline): boolean {
  const change = compareTime(since, before.since);
  return change < 0 || (change > 0 && compareTime(since, at) > 0);
}
