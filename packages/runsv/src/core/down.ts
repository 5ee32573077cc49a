import type { RestartPolicy } from "@upkeep/service-directory/core/run-settings";

import type { Effect } from "./effect.ts";
import {
  decideRestart,
  describeExit,
  judgeExit,
  pauseAfter,
  withinLimit,
  type Decision,
  type Verdict,
} from "./policy.ts";
import { after, type End, type Moment } from "./moment.ts";
import { downAt, type Running, type Slot } from "./slot.ts";

/** Milliseconds that a service whose end stops everything waits at least, so that the stop comes first. */
const criticalPause = 1000;

/** All of a start is over; what comes next is a matter of policy. */
export function goDown(slot: Slot, { startedAt }: Running, finish: End | null, at: Moment, effects: Effect[]): Slot {
  const { policy } = slot.settings;
  const verdict = verdictOf(slot);
  const isFailure = verdict === "failure" && slot.want === "up";
  const failures = withinLimit(isFailure ? [...slot.failures, at.monotonic] : slot.failures, policy, at.monotonic);
  const exit = slot.lastExit?.exit ?? null;
  const facts = { exit, verdict, failures: failures.length, finish, at: at.wall };
  const decision = slot.want === "up" ? decideRestart(policy, facts) : decideUnwanted(policy, verdict);
  const uptime = at.monotonic - startedAt;
  const isRest = decision.kind === "rest";
  const isFresh = isRest || verdict === "asked" || slot.want !== "up";
  const { pause: grown, next: delay } = pauseAfter(policy.delay, slot.delay, uptime, isFresh);
  const soonest = pauseAfter(policy.delay, null, uptime, true).pause;
  const pause = isCriticalEnd(slot, verdict) ? Math.max(grown, criticalPause) : grown;
  const down: Slot["state"] = {
    ...downAt(at),
    startAt: at.monotonic + pause,
    soonestAt: at.monotonic + soonest,
    startsWhen: pause === 0 ? null : after(at, pause),
  };
  const next: Slot = { ...slot, failures, delay, state: down };
  return isRest ? rest(next, decision, effects) : next;
}

/** A job that `sv once` has started does its work as well as any. Nothing else is decided where it is not wanted up. */
function decideUnwanted({ restart }: RestartPolicy, verdict: Verdict): Decision {
  const isDone = verdict === "success" && restart !== "always";
  return isDone ? { kind: "rest", outcome: { kind: "done" } } : { kind: "again" };
}

/** It stays down although it is wanted up: from now on it is wanted down, which every sv understands. */
function rest(slot: Slot, { outcome }: Decision & { readonly kind: "rest" }, effects: Effect[]): Slot {
  const exit = slot.lastExit?.exit ?? null;
  if (outcome?.kind === "done") effects.push({ kind: "report", event: "satisfied", exit, isCritical: false });
  if (outcome?.kind === "failed") {
    const last = outcome.reason === "restart-limit" ? `, the last time ${describeExit(exit)}` : "";
    effects.push({ kind: "warn", message: `giving up: ${outcome.text}${last}` });
    const isCritical = slot.settings.policy.critical !== "no";
    effects.push({ kind: "report", event: "failed", exit, isCritical });
  }
  return { ...slot, want: slot.want === "up" ? "down" : slot.want, outcome };
}

/** Tells the parent that `./run` has ended. */
export function reportEnd(slot: Slot, wasReady: boolean, effects: Effect[]): void {
  if (slot.name === "log") return;
  if (wasReady) effects.push({ kind: "report", event: "unready", exit: null, isCritical: false });
  const exit = slot.lastExit?.exit ?? null;
  effects.push({ kind: "report", event: "exit", exit, isCritical: isCriticalEnd(slot, verdictOf(slot)) });
}

/** Whether this end of `./run` is one that stops everything, whatever its code. */
function isCriticalEnd({ settings, want }: Slot, verdict: Verdict): boolean {
  return settings.policy.critical === "any-exit" && want === "up" && verdict !== "asked";
}

function verdictOf({ lastExit, asked, settings }: Slot): Verdict {
  return judgeExit(lastExit?.exit ?? null, asked, settings.policy);
}
