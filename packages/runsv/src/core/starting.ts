import type { RunSettings } from "@upkeep/service-directory/core/run-settings";
import type { WallTime } from "@upkeep/supervise/core/tai64n";

import type { Waiting } from "./dependency-graph.ts";
import { reportEnd } from "./down.ts";
import type { Effect } from "./effect.ts";
import { runEnded } from "./ending.ts";
import { after, type Moment, type Process } from "./moment.ts";
import type { Placement } from "@upkeep/supervise/core/state-json";
import { none } from "./none.ts";
import { beginProgress } from "./progress.ts";
import { downAt, forkPause, isReady, type Slot } from "./slot.ts";
import { andThen, stepTo, type SlotStep } from "./slot-step.ts";

/** Milliseconds between two looks at dependencies that send no word: the pause grows between these. */
const dependencyPause = { first: 25, last: 1000 };

/** A start is due. Dependencies come first, then control/u, then `./run`. */
export function beginStart(slot: Slot): SlotStep {
  const { state } = slot;
  if (state.kind !== "down") return stepTo(slot);
  const { since, isOnce } = state;
  if (slot.name === "log") return startRun(slot, since, isOnce);
  const awaited = { names: [], problem: null, note: null };
  const waiting = { awaited, warned: [], pollAt: Infinity, pollPause: dependencyPause.first } as const;
  return stepTo({ ...slot, state: { kind: "waiting", since, isOnce, ...waiting } }, { kind: "checkDependencies" });
}

/** The pause between two looks at the dependencies is over. */
export function checkDependenciesAgain(slot: Slot): SlotStep {
  const { state } = slot;
  if (state.kind !== "waiting") return stepTo(slot);
  return stepTo({ ...slot, state: { ...state, pollAt: Infinity } }, { kind: "checkDependencies" });
}

/** A dependency has sent word of a change. */
export function dependencyChanged(slot: Slot, at: Moment): SlotStep {
  const { state } = slot;
  if (state.kind !== "waiting" || state.pollAt === Infinity) return stepTo(slot);
  return stepTo({ ...slot, state: { ...state, pollAt: at.monotonic, pollPause: dependencyPause.first } });
}

/** The answer to `checkDependencies`. */
export function dependenciesChecked(slot: Slot, awaited: Waiting, at: Moment): SlotStep {
  const { state } = slot;
  if (state.kind !== "waiting") return stepTo(slot);
  const { names, problem, note } = awaited;
  if (names.length === 0) return startRun(slot, state.since, state.isOnce);
  // The problem of a job that fails and is tried again comes and goes; one warning is enough.
  const isNews = problem !== null && !state.warned.includes(problem);
  const warned = isNews ? [...state.warned, problem] : state.warned;
  const pollAt = at.monotonic + state.pollPause;
  const pollPause = Math.min(state.pollPause * 2, dependencyPause.last);
  const next: Slot = { ...slot, state: { ...state, awaited: { names, problem, note }, warned, pollAt, pollPause } };
  return isNews ? stepTo(next, { kind: "warn", message: `waiting for ${names.join(", ")}: ${problem}` }) : stepTo(next);
}

/** Ends the wait for dependencies: the service is not wanted up any more. */
export function stopWaiting(slot: Slot, at: Moment): SlotStep {
  const { state } = slot;
  if (state.kind !== "waiting") return stepTo(slot);
  return stepTo({ ...slot, state: downAt(at, state.since) }, { kind: "forgetDependencies" });
}

function startRun(slot: Slot, since: WallTime, isOnce: boolean): SlotStep {
  const starting: Slot = { ...slot, state: { kind: "starting", since, isOnce } };
  if (slot.name === "log") return stepTo(starting, startEffect(slot));
  return stepTo({ ...starting, script: "u" }, { kind: "runScript", letter: "u" });
}

/** control/u has ended, or there is none. It cannot keep `./run` from being started. */
export function controlUpDone(slot: Slot): SlotStep {
  return stepTo({ ...slot, script: null }, startEffect(slot));
}

function startEffect({ name, placing }: Slot): Effect {
  return { kind: "startRun", slot: name, placement: placing.next };
}

/** `./run` runs. */
export function runStarted(
  slot: Slot,
  process: Process,
  placement: Placement,
  settings: RunSettings,
  at: Moment,
): SlotStep {
  if (slot.state.kind !== "starting") return stepTo(slot);
  const progress = beginProgress(settings.readiness, settings.policy.restart !== "always", at);
  const running = { since: at.wall, startedAt: at.monotonic, settings, process, placement };
  const started: Slot = {
    ...newStart(slot, settings),
    state: { kind: "run", ...running, killAt: Infinity, progress },
  };
  const report: Effect = { kind: "report", event: "ready", exit: null, isCritical: false };
  return isReady(started) && slot.name === "service" ? stepTo(started, report) : stepTo(started);
}

/**
 * `./run` could not be started.
 *
 * @param retry whether the system had no process to give. Otherwise `./run` cannot be executed, and counts as ended.
 */
export function runFailed(slot: Slot, retry: boolean, found: RunSettings, at: Moment): SlotStep {
  const { state } = slot;
  if (state.kind !== "starting") return stepTo(slot);
  if (retry) {
    const startAt = at.monotonic + forkPause;
    const pause = { startAt, soonestAt: startAt, startsWhen: after(at, forkPause) };
    return stepTo({ ...slot, state: { ...state, kind: "down", ...pause } });
  }
  const lastExit = { exit: null, group: null, at: at.wall, ranMillis: 0 };
  const failed: Slot = { ...newStart(slot, found), lastExit };
  const settings: RunSettings = { ...found, endsLeftovers: false, endsOrphans: false };
  return andThen(stepTo(failed, ...reportEnd(failed, false)), (reported) =>
    runEnded(reported, { since: at.wall, startedAt: at.monotonic, settings }, at),
  );
}

/** What was done to the `./run` before means nothing for this one. */
function newStart(slot: Slot, settings: RunSettings): Slot {
  return { ...slot, isPaused: false, gotTerm: false, starts: slot.starts + 1, asked: none, outcome: null, settings };
}
