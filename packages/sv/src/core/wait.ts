import type { Goal } from "@upkeep/client/core/commands";
import type { StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";

import { type AwaitedState, judgeState } from "./awaited-state.ts";
import { type Baseline, concernReadiness, judgeWithDetails, type Verdict } from "./goals.ts";
import { ageOf, initialUptime, notice, remainingTime, type Uptime } from "./uptime.ts";

/** What is waited for at one service. */
export type Target =
  /** That commands, which have been sent to its supervisor, have had their effect. */
  | { readonly kind: "goals"; readonly goals: readonly Goal[]; readonly baseline: Baseline }
  /** That it is in a state, whoever brings it there, and whenever its supervisor is started. */
  | { readonly kind: "state"; readonly state: AwaitedState };

/** The wait for one service. Times are monotonic ms. */
export interface Wait {
  readonly target: Target;
  readonly begin: number;
  readonly deadline: number;
  /** Null until a supervisor is seen. */
  readonly uptime: Uptime | null;
  readonly pause: Pause;
}

/** The last pause, in ms, and what it has grown from. */
interface Pause {
  readonly first: number;
  readonly millis: number;
}

const noPause: Pause = { first: 0, millis: 0 };

/** What is seen of a service at a moment. */
export interface Observation {
  /** Monotonic ms. */
  readonly now: number;
  /** Milliseconds by the wall clock. */
  readonly wallMillis: number;
  /** Whether the status has changed since the last observation. */
  readonly hasChanged: boolean;
  /** Whether changes are seen at all. */
  readonly isWatching: boolean;
  /** Null where there is no supervisor. The details are `stale` while they are of another state than the record. */
  readonly supervised: { readonly record: StatusRecord; readonly details: StateDetails | "stale" } | null;
}

/** What to do next. */
export type Next = Decision | Confirmation;

type Decision =
  | { readonly kind: "end"; readonly outcome: "reached" | "failed" | "timeout" }
  /** Observe again after `millis` ms, or as soon as the status changes. */
  | { readonly kind: "again"; readonly millis: number };

/** Reached if the same process is still there, after the check script has passed where it is needed. */
export interface Confirmation {
  readonly kind: "confirm";
  readonly needsCheck: boolean;
  readonly otherwise: Decision;
}

/** What a wait has become, and what to do next. */
export interface Step<N extends Next = Next> {
  readonly state: Wait;
  readonly next: N;
}

/**
 * runit's pause between two reads of a status, in ms. It is the longest pause where changes are not seen coming, the shortest
 * wait, and the time in which a supervisor acts on a command.
 */
const slowPause = 420;

/** The pauses in ms, each the first where they grow. */
const pauses = {
  /** After a check script has failed, and while `state.json` does not fit the status. */
  retry: 50,
  /** While a supervisor is about to end. */
  ending: 2,
  /** While there is no supervisor. */
  absent: 80,
  /** While all changes are seen coming, except the end of a supervisor. */
  watched: 5000,
} as const;

/** How a pause grows while it is for the same reason. */
const growth = 1.6;

/** Begins a wait of `seconds`. With 0, a supervisor still has the time that runit gives it. */
export function beginWait(target: Target, now: number, seconds: number): Wait {
  return {
    target,
    begin: now,
    deadline: deadlineOf(now, seconds),
    uptime: target.kind === "goals" ? initialUptime(target.baseline.before) : null,
    pause: noPause,
  };
}

/** The end of a wait of `seconds` that begins at `now`, in monotonic ms. */
export function deadlineOf(now: number, seconds: number): number {
  return now + Math.max(seconds * 1000, slowPause);
}

/** Whether an observation needs what `state.json` says. */
export function needsDetails(target: Target): boolean {
  return target.kind === "state" || concernReadiness(target.goals);
}

/** Takes note of an observation and decides how to go on. The wait ends with the first one that is not before the deadline. */
export function step(wait: Wait, observation: Observation): Step {
  const { target } = wait;
  const { now, wallMillis, hasChanged, isWatching, supervised } = observation;
  const state: Wait = hasChanged ? { ...wait, pause: noPause } : wait;
  const isForGoals = target.kind === "goals";
  if (supervised === null) {
    return isForGoals ? end(state, "failed") : again({ ...state, uptime: null }, now, pauses.absent, true);
  }
  const { record, details } = supervised;
  const uptime = state.uptime ?? initialUptime(record);
  if (details === "stale") return again({ ...state, uptime }, now, pauses.retry, isForGoals);

  const settling = slowPause - (now - wait.begin);
  const verdict = verdictOn(target, record, details, settling <= 0);
  const isUp = verdict === "lasting" || verdict === "check";
  const noticed = { ...state, uptime: notice(uptime, isUp ? record.pid : 0, now) };
  if (verdict === "reached") return end(noticed, "reached");
  if (verdict === "failed") {
    // A command that was sent just before `sv wait` may be about to start the service again.
    return isForGoals || settling <= 0 ? end(noticed, "failed") : again(noticed, now, settling, false);
  }
  if (verdict === "again") return again(noticed, now, pauseUntilChange(target, record, isWatching), isForGoals);

  const unsettled = remainingTime(noticed.uptime, details.readiness, now, ageOf(record, wallMillis));
  if (unsettled > 0) return again(noticed, now, unsettled, false);
  const otherwise = again(noticed, now, pauses.retry, isForGoals);
  if (isForGoals && otherwise.next.kind === "end") return otherwise;
  return {
    state: otherwise.state,
    next: { kind: "confirm", needsCheck: verdict === "check", otherwise: otherwise.next },
  };
}

function verdictOn(target: Target, record: StatusRecord, details: StateDetails, isSettled: boolean): Verdict {
  return target.kind === "goals"
    ? judgeWithDetails(target.goals, record, details, target.baseline, isSettled)
    : judgeState(target.state, record, details);
}

function pauseUntilChange(target: Target, record: StatusRecord, isWatching: boolean): number {
  if (target.kind === "state") return isWatching ? pauses.watched : slowPause;
  // No change of the status tells that a supervisor has ended.
  return record.pid === 0 && target.goals.includes("exit") ? pauses.ending : slowPause;
}

/** @param grows whether the pause becomes longer when the last one was for the same reason. */
function again(state: Wait, now: number, first: number, grows: boolean): Step<Decision> {
  if (now >= state.deadline) return end(state, "timeout");
  const { pause } = state;
  const millis = grows && pause.first === first ? Math.min(pause.millis * growth, slowPause) : first;
  return { state: { ...state, pause: { first, millis } }, next: { kind: "again", millis } };
}

function end(state: Wait, outcome: "reached" | "failed" | "timeout"): Step<Decision> {
  return { state, next: { kind: "end", outcome } };
}
