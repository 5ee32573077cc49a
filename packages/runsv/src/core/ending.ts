import type { RunSettings } from "@upkeep/service-directory/core/run-settings";

import { goDown, reportEnd } from "./down.ts";
import type { Effect } from "./effect.ts";
import { after, type End, type Moment, type Process } from "./moment.ts";
import { pollAgain } from "./progress.ts";
import { deadlineOf, isReady, unknownExit, type LastExit, type Running, type Slot, type SlotState } from "./slot.ts";
import { advanceReadiness, becomeReady, beginStart, lookAgain } from "./starting.ts";

/** Milliseconds until another try when no process can be made. Source: runit 2.1.2. */
const forkPause = 5000;
/** Milliseconds from TERM to KILL for what is left of a process group, unless the directory says. */
const leftoverTimeout = 5000;
/** Milliseconds after KILL until leftovers are given up: who hangs in the kernel cannot be ended. */
const leftoverPatience = 2000;
/** Milliseconds between two looks at leftovers, which nothing announces: growing between these. */
const pollPause = { first: 1, last: 50 };
const SIGKILL = 9;

/** Does what is due on a slot by now. */
export function advance(slot: Slot, at: Moment, effects: Effect[]): Slot {
  if (deadlineOf(slot) > at.monotonic) return slot;
  const { state } = slot;
  switch (state.kind) {
    case "down":
      return beginStart(slot, effects);
    case "waiting":
      return lookAgain(slot, effects);
    case "run": {
      if (state.killAt > at.monotonic) return advanceReadiness(slot, at, effects);
      effects.push({ kind: "signal", pid: state.process.pid, signal: "SIGKILL" });
      const killed: Slot = { ...slot, asked: [...slot.asked, SIGKILL], state: { ...state, killAt: Infinity } };
      return advanceReadiness(killed, at, effects);
    }
    case "leftovers":
      return checkLeftovers(slot, effects);
    case "ended":
      return startFinish({ ...slot, state: { ...state, retryAt: Infinity } }, effects);
    case "finish":
      effects.push({ kind: "killFinish", process: state.process });
      return { ...slot, state: { ...state, killAt: Infinity } };
    case "starting":
      return slot;
    default:
      return state satisfies never;
  }
}

/** `./run` could not be started: no process could be made, or it counts as ended at once. */
export function runFailed(slot: Slot, retry: boolean, found: RunSettings, at: Moment, effects: Effect[]): Slot {
  const { state } = slot;
  if (state.kind !== "starting") return slot;
  if (retry) {
    const startAt = at.monotonic + forkPause;
    const wait = { startAt, soonestAt: startAt, startsWhen: after(at, forkPause) };
    return { ...slot, state: { ...state, kind: "down", ...wait } };
  }
  const settings: RunSettings = { ...found, endsLeftovers: false, endsOrphans: false };
  const failed: Slot = {
    ...slot,
    isPaused: false,
    gotTerm: false,
    starts: slot.starts + 1,
    lastExit: { exit: null, group: null, at: at.wall, ranMillis: 0 },
    asked: [],
    outcome: null,
    settings: found,
  };
  reportEnd(failed, false, effects);
  return runEnded(failed, { since: at.wall, startedAt: at.monotonic, settings }, at, effects);
}

/** A process has ended; it may be none of this slot's any more. */
export function processExited(slot: Slot, pid: number, exit: End, at: Moment, effects: Effect[]): Slot {
  const { state } = slot;
  if (state.kind === "finish" && state.process.pid === pid) return goDown(slot, state, exit, at, effects);
  if (state.kind !== "run") return slot;
  if (state.progress.kind === "polled" && state.progress.check?.pid === pid) {
    if (exit.kind === "exited" && exit.code === 0) return becomeReady(slot, at, effects);
    return { ...slot, state: { ...state, progress: pollAgain(state.progress, exit, at) } };
  }
  return state.process.pid === pid ? runExited(slot, state, exit, at, effects) : slot;
}

function runExited(
  slot: Slot,
  state: Slot["state"] & { readonly kind: "run" },
  exit: End,
  at: Moment,
  effects: Effect[],
): Slot {
  const { since, startedAt, settings, process, progress } = state;
  if (progress.kind === "polled" && progress.check !== null) {
    effects.push({ kind: "killCheck", process: progress.check });
  }
  const lastExit: LastExit = { exit, group: process.group, at: at.wall, ranMillis: at.monotonic - startedAt };
  const ended: Slot = { ...slot, isPaused: false, gotTerm: false, lastExit };
  reportEnd(ended, isReady(slot), effects);
  if (!settings.endsLeftovers && !settings.endsOrphans) {
    return runEnded(ended, { since, startedAt, settings }, at, effects);
  }
  const waiting = leftoversOf(process.group, at);
  return checkLeftovers({ ...ended, state: { ...waiting, since, startedAt, settings } }, effects);
}

/** The beginning of the end of a process group. */
export function leftoversOf(
  group: number,
  at: Moment,
): Omit<SlotState & { readonly kind: "leftovers" }, keyof Running> {
  return {
    kind: "leftovers",
    group,
    groupAt: Math.floor(at.boot),
    isTermed: false,
    killAt: Infinity,
    giveUpAt: Infinity,
    pollAt: at.monotonic,
    pollPause: pollPause.first,
  };
}

function checkLeftovers(slot: Slot, effects: Effect[]): Slot {
  const { state } = slot;
  if (state.kind !== "leftovers") return slot;
  effects.push({ kind: "checkLeftovers", slot: slot.name, group: state.group, orphans: state.settings.endsOrphans });
  return { ...slot, state: { ...state, pollAt: Infinity } };
}

/** Whether anything is left of the process group of a `./run` that is gone. */
export function leftoversChecked(slot: Slot, isAny: boolean, at: Moment, effects: Effect[]): Slot {
  const { state } = slot;
  if (state.kind !== "leftovers") return slot;
  if (!isAny) return runEnded(slot, state, at, effects);
  if (at.monotonic >= state.giveUpAt) {
    effects.push({ kind: "warn", message: `unable to end process group ${state.group}, going on` });
    return runEnded(slot, state, at, effects);
  }
  const { group, settings } = state;
  const target = { kind: "signalLeftovers", group, orphans: settings.endsOrphans } as const;
  const pollAt = at.monotonic + state.pollPause;
  const poll = { pollAt, pollPause: Math.min(state.pollPause * 2, pollPause.last) };
  if (!state.isTermed) {
    effects.push({ ...target, signal: "SIGTERM" }, { ...target, signal: "SIGCONT" });
    const timeout = settings.timeoutKill ?? leftoverTimeout;
    const killAt = timeout === 0 ? Infinity : at.monotonic + timeout;
    return { ...slot, state: { ...state, ...poll, isTermed: true, killAt } };
  }
  if (at.monotonic < state.killAt) return { ...slot, state: { ...state, ...poll } };
  effects.push({ ...target, signal: "SIGKILL" });
  // What is born between two looks is killed at the next one; patience is counted from the first KILL.
  const giveUpAt = Math.min(state.giveUpAt, at.monotonic + leftoverPatience);
  return { ...slot, state: { ...state, ...poll, giveUpAt } };
}

function runEnded(slot: Slot, { since, startedAt, settings }: Running, at: Moment, effects: Effect[]): Slot {
  const running: Running = { since, startedAt, settings };
  if (slot.name === "log") return goDown(slot, running, null, at, effects);
  return startFinish({ ...slot, state: { kind: "ended", ...running, retryAt: Infinity } }, effects);
}

function startFinish(slot: Slot, effects: Effect[]): Slot {
  const last = slot.lastExit ?? unknownExit(slot.state.since);
  effects.push({ kind: "startFinish", last });
  return { ...slot, lastExit: last };
}

/** `./finish` runs now, or there is nothing to run. */
export function finishSettled(
  slot: Slot,
  answer:
    | { readonly kind: "finishStarted"; readonly process: Process }
    | { readonly kind: "finishSkipped"; readonly retry: boolean },
  at: Moment,
  effects: Effect[],
): Slot {
  const { state } = slot;
  if (state.kind !== "ended") return slot;
  const { since, startedAt, settings } = state;
  if (answer.kind === "finishStarted") {
    const { timeoutFinish } = settings;
    const killAt = timeoutFinish === 0 ? Infinity : at.monotonic + timeoutFinish;
    return { ...slot, state: { kind: "finish", since, startedAt, settings, process: answer.process, killAt } };
  }
  if (answer.retry) return { ...slot, state: { ...state, retryAt: at.monotonic + forkPause } };
  return goDown(slot, state, null, at, effects);
}
