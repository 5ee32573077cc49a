import type { RunSettings } from "@upkeep/service-directory/core/run-settings";

import type { Waiting } from "./dependency-graph.ts";
import type { Effect } from "./effect.ts";
import type { Moment, Process } from "./moment.ts";
import { beginProgress, checkBegun, moveProgress, pollAgain, resumeProgress, takeComplaint } from "./progress.ts";
import { downAt, isReady, type Slot } from "./slot.ts";

/** Milliseconds between two looks at dependencies, besides the ones that they ask for themselves: growing. */
const dependencyPause = { first: 25, last: 1000 };

/** A start is due: the dependencies come first. */
export function beginStart(slot: Slot, effects: Effect[]): Slot {
  const { state } = slot;
  if (state.kind !== "down") return slot;
  const { since, isOnce } = state;
  if (slot.name === "log") return startRun(slot, since, isOnce, effects);
  const awaited = { names: [], problem: null, note: null };
  const waiting = { awaited, said: [], pollAt: Infinity, pollPause: dependencyPause.first } as const;
  effects.push({ kind: "checkDependencies" });
  return { ...slot, state: { kind: "waiting", since, isOnce, ...waiting } };
}

/** Looks at the dependencies once more. */
export function lookAgain(slot: Slot, effects: Effect[]): Slot {
  const { state } = slot;
  if (state.kind !== "waiting") return slot;
  effects.push({ kind: "checkDependencies" });
  return { ...slot, state: { ...state, pollAt: Infinity } };
}

/** A dependency says that something has changed. */
export function dependencyChanged(slot: Slot, at: Moment): Slot {
  const { state } = slot;
  if (state.kind !== "waiting" || state.pollAt === Infinity) return slot;
  return { ...slot, state: { ...state, pollAt: at.monotonic, pollPause: dependencyPause.first } };
}

/** Which dependencies are not satisfied. */
export function dependenciesChecked(slot: Slot, awaited: Waiting, at: Moment, effects: Effect[]): Slot {
  const { state } = slot;
  if (state.kind !== "waiting") return slot;
  const { names, problem } = awaited;
  if (names.length === 0) return startRun(slot, state.since, state.isOnce, effects);
  // That of a job which is tried again and again comes and goes.
  const isNews = problem !== null && !state.said.includes(problem);
  if (isNews) effects.push({ kind: "warn", message: `waiting for ${names.join(", ")}: ${problem}` });
  const said = isNews ? [...state.said, problem] : state.said;
  const pollAt = at.monotonic + state.pollPause;
  const pollPause = Math.min(state.pollPause * 2, dependencyPause.last);
  return { ...slot, state: { ...state, awaited: { names, problem, note: awaited.note }, said, pollAt, pollPause } };
}

/** Waits no longer, because it is not wanted any more. */
export function stopWaiting(slot: Slot, at: Moment, effects: Effect[]): Slot {
  const { state } = slot;
  if (state.kind !== "waiting") return slot;
  effects.push({ kind: "forgetDependencies" });
  return { ...slot, state: downAt(at, state.since) };
}

function startRun(slot: Slot, since: Slot["state"]["since"], isOnce: boolean, effects: Effect[]): Slot {
  const starting: Slot = { ...slot, state: { kind: "starting", since, isOnce } };
  if (slot.name === "log") {
    effects.push({ kind: "startRun", slot: "log" });
    return starting;
  }
  effects.push({ kind: "runScript", letter: "u" });
  return { ...starting, script: "u" };
}

/** `./run` has been started. */
export function runStarted(slot: Slot, process: Process, settings: RunSettings, at: Moment, effects: Effect[]): Slot {
  if (slot.state.kind !== "starting") return slot;
  const progress = beginProgress(settings.readiness, settings.policy.restart !== "always", at);
  const started: Slot = {
    ...slot,
    state: { kind: "run", since: at.wall, startedAt: at.monotonic, process, settings, killAt: Infinity, progress },
    isPaused: false,
    gotTerm: false,
    starts: slot.starts + 1,
    asked: [],
    outcome: null,
    settings,
  };
  if (isReady(started) && slot.name === "service")
    effects.push({ kind: "report", event: "ready", exit: null, isCritical: false });
  return started;
}

/** Does what is due about readiness. */
export function advanceReadiness(slot: Slot, at: Moment, effects: Effect[]): Slot {
  const { state } = slot;
  if (state.kind !== "run") return slot;
  const { progress: awaited, complaint } = takeComplaint(state.progress, at);
  // One that is being stopped need not be ready any more.
  if (complaint !== null && !slot.gotTerm) effects.push({ kind: "warn", message: complaint });
  const { progress, move } = moveProgress(awaited, at);
  if (move === null) return progress === state.progress ? slot : { ...slot, state: { ...state, progress } };
  switch (move.kind) {
    case "becomeReady":
      return becomeReady(slot, at, effects);
    case "startCheck":
    case "killCheck":
      effects.push(move);
      return { ...slot, state: { ...state, progress } };
    default:
      return move satisfies never;
  }
}

/** `./check` runs now. */
export function checkStarted(slot: Slot, check: Process, at: Moment): Slot {
  const { state } = slot;
  if (state.kind !== "run") return slot;
  return { ...slot, state: { ...state, progress: checkBegun(state.progress, check, at) } };
}

/** `./check` could not be started: it is tried again, or it is as if there were none. */
export function checkFailed(slot: Slot, retry: boolean, at: Moment, effects: Effect[]): Slot {
  const { state } = slot;
  if (state.kind !== "run" || state.progress.kind !== "polled" || state.progress.check !== null) return slot;
  if (retry) return { ...slot, state: { ...state, progress: pollAgain(state.progress, null, at) } };
  const declared = state.settings.readiness;
  const readiness = declared?.kind === "check" ? declared.otherwise : null;
  const isJob = state.settings.policy.restart !== "always";
  const progress = resumeProgress(readiness, isJob, state.startedAt, at);
  const settings = { ...slot.settings, readiness };
  const run = { ...state, settings: { ...state.settings, readiness } };
  if (progress.kind === "ready") return becomeReady({ ...slot, settings, state: run }, at, effects);
  return { ...slot, settings, state: { ...run, progress } };
}

/** This start of `./run` is ready. */
export function becomeReady(slot: Slot, at: Moment, effects: Effect[]): Slot {
  const { state } = slot;
  if (state.kind !== "run" || state.progress.kind === "ready") return slot;
  effects.push({ kind: "report", event: "ready", exit: null, isCritical: false });
  return { ...slot, state: { ...state, progress: { kind: "ready", since: at.wall } } };
}
