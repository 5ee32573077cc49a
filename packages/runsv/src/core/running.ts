import { signals } from "@upkeep/linux/core/signals";

import type { Effect } from "./effect.ts";
import type { End, Moment, Process } from "./moment.ts";
import { checkBegun, moveProgress, pollAgain, resumeProgress, takeComplaint } from "./progress.ts";
import type { Slot } from "./slot.ts";
import { andThen, stepTo, type SlotStep } from "./slot-step.ts";

const { SIGKILL } = signals;

/** Does what is due while `./run` runs: KILL when `timeout-kill` is over, and what belongs to readiness. */
export function advanceRun(slot: Slot, at: Moment): SlotStep {
  return andThen(killOverdue(slot, at), (next) => advanceReadiness(next, at));
}

function killOverdue(slot: Slot, at: Moment): SlotStep {
  const { state } = slot;
  if (state.kind !== "run" || state.killAt > at.monotonic) return stepTo(slot);
  const killed: Slot = { ...slot, asked: [...slot.asked, SIGKILL], state: { ...state, killAt: Infinity } };
  return stepTo(killed, { kind: "signal", pid: state.process.pid, signal: "SIGKILL" });
}

function advanceReadiness(slot: Slot, at: Moment): SlotStep {
  const { state } = slot;
  if (state.kind !== "run") return stepTo(slot);
  const { progress: awaited, complaint } = takeComplaint(state.progress, at);
  // A service that is being stopped need not become ready any more.
  const warnings: readonly Effect[] = complaint !== null && !slot.gotTerm ? [{ kind: "warn", message: complaint }] : [];
  const { progress, move } = moveProgress(awaited, at);
  if (move?.kind === "becomeReady") return andThen(stepTo(slot, ...warnings), (next) => becomeReady(next, at));
  const next: Slot = progress === state.progress ? slot : { ...slot, state: { ...state, progress } };
  return stepTo(next, ...warnings, ...(move === null ? [] : [move]));
}

/** A process has written a newline to its notification descriptor. */
export function notified(slot: Slot, pid: number, at: Moment): SlotStep {
  const { state } = slot;
  return state.kind === "run" && state.process.pid === pid ? becomeReady(slot, at) : stepTo(slot);
}

/** This start of `./run` is ready. */
function becomeReady(slot: Slot, at: Moment): SlotStep {
  const { state } = slot;
  if (state.kind !== "run" || state.progress.kind === "ready") return stepTo(slot);
  const ready: Slot = { ...slot, state: { ...state, progress: { kind: "ready", since: at.wall } } };
  return stepTo(ready, { kind: "report", event: "ready", exit: null, isCritical: false });
}

/** `./check` runs. */
export function checkStarted(slot: Slot, check: Process, at: Moment): SlotStep {
  const { state } = slot;
  if (state.kind !== "run") return stepTo(slot);
  return stepTo({ ...slot, state: { ...state, progress: checkBegun(state.progress, check, at) } });
}

/** `./check` has ended: its success is readiness, after anything else it is run again. */
export function checkExited(slot: Slot, exit: End, at: Moment): SlotStep {
  const { state } = slot;
  if (state.kind !== "run" || state.progress.kind !== "polled") return stepTo(slot);
  if (exit.kind === "exited" && exit.code === 0) return becomeReady(slot, at);
  return stepTo({ ...slot, state: { ...state, progress: pollAgain(state.progress, exit, at) } });
}

/**
 * `./check` could not be started.
 *
 * @param retry whether that may pass. Otherwise the service counts as one without a `./check`.
 */
export function checkFailed(slot: Slot, retry: boolean, at: Moment): SlotStep {
  const { state } = slot;
  if (state.kind !== "run" || state.progress.kind !== "polled" || state.progress.check !== null) return stepTo(slot);
  if (retry) return stepTo({ ...slot, state: { ...state, progress: pollAgain(state.progress, null, at) } });
  const declared = state.settings.readiness;
  const readiness = declared?.kind === "check" ? declared.otherwise : null;
  const isJob = state.settings.policy.restart !== "always";
  const progress = resumeProgress(readiness, isJob, state.startedAt, at);
  const settings = { ...slot.settings, readiness };
  const run = { ...state, settings: { ...state.settings, readiness } };
  if (progress.kind === "ready") return becomeReady({ ...slot, settings, state: run }, at);
  return stepTo({ ...slot, settings, state: { ...run, progress } });
}
