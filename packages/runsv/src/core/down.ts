import type { RestartPolicy } from "@upkeep/service-directory/core/run-settings";

import type { Effect } from "./effect.ts";
import { after, type End, type Moment } from "./moment.ts";
import {
  decideRestart,
  describeEnd,
  judgeExit,
  pauseAfter,
  withinLimit,
  type Decision,
  type Verdict,
} from "./policy.ts";
import { downAt, type Running, type Slot } from "./slot.ts";
import { stepTo, type SlotStep } from "./slot-step.ts";
import { lastEndOf } from "./status.ts";

/** Milliseconds that a service whose end stops everything waits at least before it starts again: the stop comes first. */
const criticalPause = 1000;

/**
 * A start is over, its `./finish` included. The policy decides what comes next.
 *
 * @param finish how `./finish` ended; null where it did not run.
 */
export function goDown(slot: Slot, { startedAt }: Running, finish: End | null, at: Moment): SlotStep {
  const { policy } = slot.settings;
  const verdict = verdictOf(slot);
  const isFailure = verdict === "failure" && slot.want === "up";
  const failures = withinLimit(isFailure ? [...slot.failures, at.monotonic] : slot.failures, policy, at.monotonic);
  const exit = slot.lastExit?.exit ?? null;
  const facts = { exit, verdict, failures: failures.length, finish, at: at.wall };
  const decision = slot.want === "up" ? decideRestart(policy, facts) : decideUnwanted(policy, verdict);
  const uptime = at.monotonic - startedAt;
  const isFresh = decision.kind === "rest" || verdict === "asked" || slot.want !== "up";
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
  return decision.kind === "rest" ? rest(next, decision) : stepTo(next);
}

/** A job that `sv once` has started can be done as well. Nothing else is decided about a service that is not wanted up. */
function decideUnwanted({ restart }: RestartPolicy, verdict: Verdict): Decision {
  const isDone = verdict === "success" && restart !== "always";
  return isDone ? { kind: "rest", outcome: { kind: "done" } } : { kind: "again" };
}

/** The service stays down although it is wanted up. From now on it is wanted down, which every sv understands. */
function rest(slot: Slot, { outcome }: Decision & { readonly kind: "rest" }): SlotStep {
  const resting: Slot = { ...slot, want: slot.want === "up" ? "down" : slot.want, outcome };
  const exit = slot.lastExit?.exit ?? null;
  if (outcome === null) return stepTo(resting);
  if (outcome.kind === "done") return stepTo(resting, { kind: "report", event: "satisfied", exit, isCritical: false });
  const last = outcome.reason === "restart-limit" ? `, the last time ${describeEnd(exit)}` : "";
  const isCritical = slot.settings.policy.critical !== "no";
  return stepTo(
    resting,
    { kind: "warn", message: `giving up: ${outcome.text}${last}` },
    { kind: "report", event: "failed", exit, isCritical },
  );
}

/** What goes on record of the end of `./run`, and what the parent is told. */
export function reportEnd(slot: Slot, wasReady: boolean): readonly Effect[] {
  const record = recordEnd(slot, wasReady);
  if (slot.name === "log") return record;
  const unready: Effect = { kind: "report", event: "unready", exit: null, isCritical: false };
  const exit = slot.lastExit?.exit ?? null;
  const ended: Effect = { kind: "report", event: "exit", exit, isCritical: isCriticalEnd(slot, verdictOf(slot)) };
  return wasReady ? [...record, unready, ended] : [...record, ended];
}

/** The words of a start are kept that has failed, or was to become ready and has not. */
function recordEnd(slot: Slot, ready: boolean): readonly Effect[] {
  const { name, lastExit, settings } = slot;
  if (lastExit === null) return [];
  const keepsWords = verdictOf(slot) === "failure" || (settings.readiness !== null && !ready);
  return [{ kind: "recordEnd", slot: name, end: { ...lastEndOf(lastExit), ready }, keepsWords }];
}

/** Whether this end of `./run` stops everything, whatever its code. */
function isCriticalEnd({ settings, want }: Slot, verdict: Verdict): boolean {
  return settings.policy.critical === "any-exit" && want === "up" && verdict !== "asked";
}

/** How the last end of `./run` counts. */
export function verdictOf({ lastExit, asked, settings }: Slot): Verdict {
  return judgeExit(lastExit?.exit ?? null, asked, settings.policy);
}
