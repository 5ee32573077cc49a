import { type StateDetails, timeOf } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import { compareTime, type WallTime } from "@upkeep/supervise/core/tai64n";

import type { Goal } from "./commands.ts";
import { isJobDone } from "./health.ts";

/** When the commands were sent, and what the status said just before. */
export interface Sent {
  readonly at: WallTime;
  readonly before: StatusRecord;
}

/** Is it done? "check" means: yes, provided that the check script passes. */
export type Verdict = "done" | "again" | "check";

/**
 * Whether the status of a supervised service shows that all goals are reached.
 *
 * The goal `exit` is never reached here: it is when there is no supervisor left to write a status.
 */
export function judge(goals: readonly Goal[], record: StatusRecord, sent: Sent): Verdict {
  const verdicts = goals.map((goal) => judgeOne(goal, record, sent));
  return verdicts.find((one) => one === "again") ?? verdicts.find((one) => one === "check") ?? "done";
}

/** What the service's own word makes of a verdict: `failed` will never be done. */
export type Judgement = Verdict | "failed";

/**
 * Goes on from {@link judge} with what `state.json` says.
 *
 * Up means ready for a service that declares its readiness; a one-time job that has succeeded counts as up;
 * and nothing is waited for that has failed for good.
 *
 * @param isSettled whether the supervisor has had the time to deal with what was asked of it: until then an
 * earlier failure or success may be about to be taken back.
 */
export function considerDetails(
  goals: readonly Goal[],
  record: StatusRecord,
  details: StateDetails,
  sent: Sent,
  isSettled: boolean,
): Judgement {
  const verdict = judge(goals, record, sent);
  if (!concernsReadiness(goals)) return verdict;
  const { failed, ready, readiness } = details;
  if (failed !== null && record.state !== "run") {
    const at = timeOf(failed.at);
    if (isSettled || (at !== null && compareTime(at, sent.at) > 0)) return "failed";
  }
  if (isJobDone(record, details) && (isSettled || isNew(record, sent) || !goals.includes("up"))) return "done";
  // A check script is asked itself, as by runit's sv.
  if (verdict !== "check" || readiness === null || readiness === "check") return verdict;
  return ready === true ? "check" : "again";
}

/** Whether readiness matters: whether a service is to be up in the end. */
export function concernsReadiness(goals: readonly Goal[]): boolean {
  return goals.some((goal) => goal === "up" || goal === "check" || goal === "term");
}

function judgeOne(goal: Goal, record: StatusRecord, sent: Sent): Verdict {
  const { pid, want, paused, gotTerm, state } = record;
  const isUp = pid !== 0;
  switch (goal) {
    case "up":
      return isUp && state === "run" && want === "up" ? "check" : "again";
    case "down":
      // runit does not ask what is wanted, and so takes a crashed service, about to be started again,
      // for one that has been stopped.
      return doneIf(!isUp && state === "down" && want === "down");
    case "check":
      return judgeOne(want, record, sent);
    case "term":
    case "kill":
      if (!isUp && want === "down") return "done";
      return isUp && !gotTerm && isNew(record, sent) ? "check" : "again";
    case "once":
      return doneIf(isUp ? want === "down" : isNew(record, sent));
    case "pause":
      return doneIf(!isUp || paused);
    case "cont":
      return doneIf(!isUp || !paused);
    case "exit":
      return "again";
    default:
      // Nothing shows in the status when one of the other signals has been sent.
      return "done";
  }
}

function doneIf(isDone: boolean): Verdict {
  return isDone ? "done" : "again";
}

/**
 * Whether the record's time stamp was made after the commands were sent.
 *
 * It must differ from the one before, which settles what the milliseconds of `sent.at` cannot; and one
 * that is earlier than the one before can only come from a clock that was set back meanwhile.
 */
function isNew({ since }: StatusRecord, sent: Sent): boolean {
  const change = compareTime(since, sent.before.since);
  return change < 0 || (change > 0 && compareTime(since, sent.at) > 0);
}
