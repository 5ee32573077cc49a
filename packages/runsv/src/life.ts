import type { Exit } from "@upkeep/syscalls/wait";

import type { Effect } from "./effect.ts";
import {
  deadlineOf,
  type LastExit,
  type Moment,
  type Process,
  type Running,
  type RunSettings,
  type Slot,
} from "./slot.ts";

/** Milliseconds: a `./run` that lasted less is not started again for as long. Source: runit 2.1.2. */
const throttle = 1000;
/** Milliseconds until another try when no process can be made. Source: runit 2.1.2. */
const forkPause = 5000;
/** Milliseconds from TERM to KILL for what is left of a process group, unless the directory says. */
const leftoverTimeout = 5000;
/** Milliseconds after KILL until leftovers are given up: zombies that their parent does not reap. */
const leftoverPatience = 2000;
/** Milliseconds between two looks at leftovers, which nothing announces: growing between these. */
const pollPause = { first: 1, last: 50 };

/** Does what is due on a slot by now. */
export function advance(slot: Slot, at: Moment, effects: Effect[]): Slot {
  if (deadlineOf(slot) > at.monotonic) return slot;
  const { state } = slot;
  switch (state.kind) {
    case "down":
      return start(slot, state.isOnce, effects);
    case "run":
      effects.push({ kind: "signal", pid: state.process.pid, signal: "SIGKILL" });
      return { ...slot, state: { ...state, killAt: Infinity } };
    case "leftovers":
      return checkLeftovers(slot, effects);
    case "ended":
      return startFinish({ ...slot, state: { ...state, retryAt: Infinity } }, effects);
    case "starting":
    case "finish":
      return slot;
    default:
      return state satisfies never;
  }
}

function start(slot: Slot, isOnce: boolean, effects: Effect[]): Slot {
  const starting: Slot = { ...slot, state: { kind: "starting", since: slot.state.since, isOnce } };
  if (slot.name === "log") {
    effects.push({ kind: "startRun", slot: "log" });
    return starting;
  }
  effects.push({ kind: "runScript", letter: "u" });
  return { ...starting, script: "u" };
}

/** `./run` has been started. */
export function runStarted(slot: Slot, process: Process, settings: RunSettings, at: Moment): Slot {
  if (slot.state.kind !== "starting") return slot;
  return {
    ...slot,
    state: { kind: "run", since: at.wall, startedAt: at.monotonic, process, settings, killAt: Infinity },
    isPaused: false,
    gotTerm: false,
    starts: slot.starts + 1,
  };
}

/** `./run` could not be started: no process could be made, or it counts as ended at once. */
export function runFailed(slot: Slot, retry: boolean, at: Moment, effects: Effect[]): Slot {
  const { state } = slot;
  if (state.kind !== "starting") return slot;
  if (retry) {
    const startsWhen = after(at, forkPause);
    return { ...slot, state: { ...state, kind: "down", startAt: at.monotonic + forkPause, startsWhen } };
  }
  const settings: RunSettings = { endsLeftovers: false, endsOrphans: false, timeoutKill: null };
  const failed: Slot = {
    ...slot,
    isPaused: false,
    gotTerm: false,
    starts: slot.starts + 1,
    lastExit: { exit: null, group: null, at: at.wall, ranMillis: 0 },
  };
  return runEnded(failed, { since: at.wall, startedAt: at.monotonic, settings }, at, effects);
}

/** A process has ended; it may be none of this slot's any more. */
export function processExited(slot: Slot, pid: number, exit: Exit, at: Moment, effects: Effect[]): Slot {
  const { state } = slot;
  if (state.kind === "finish" && state.process.pid === pid) return goDown(slot, state, at);
  if (state.kind !== "run" || state.process.pid !== pid) return slot;
  const { since, startedAt, settings, process } = state;
  const lastExit: LastExit = { exit, group: process.group, at: at.wall, ranMillis: at.monotonic - startedAt };
  const ended: Slot = { ...slot, isPaused: false, gotTerm: false, lastExit };
  if (!settings.endsLeftovers && !settings.endsOrphans) {
    return runEnded(ended, { since, startedAt, settings }, at, effects);
  }
  const waiting = {
    kind: "leftovers",
    group: process.group,
    isTermed: false,
    killAt: Infinity,
    giveUpAt: Infinity,
    pollAt: at.monotonic,
    pollPause: pollPause.first,
  } as const;
  return checkLeftovers({ ...ended, state: { ...waiting, since, startedAt, settings } }, effects);
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
  if (slot.name === "log") return goDown(slot, running, at);
  return startFinish({ ...slot, state: { kind: "ended", ...running, retryAt: Infinity } }, effects);
}

function startFinish(slot: Slot, effects: Effect[]): Slot {
  if (slot.lastExit !== null) effects.push({ kind: "startFinish", last: slot.lastExit });
  return slot;
}

/** `./finish` runs now, or there is nothing to run. */
export function finishSettled(
  slot: Slot,
  answer:
    | { readonly kind: "finishStarted"; readonly process: Process }
    | { readonly kind: "finishSkipped"; readonly retry: boolean },
  at: Moment,
): Slot {
  const { state } = slot;
  if (state.kind !== "ended") return slot;
  const { since, startedAt, settings } = state;
  if (answer.kind === "finishStarted") {
    return { ...slot, state: { kind: "finish", since, startedAt, settings, process: answer.process } };
  }
  if (answer.retry) return { ...slot, state: { ...state, retryAt: at.monotonic + forkPause } };
  return goDown(slot, state, at);
}

function goDown(slot: Slot, { startedAt }: Running, at: Moment): Slot {
  const isThrottled = at.monotonic - startedAt < throttle;
  return {
    ...slot,
    state: {
      kind: "down",
      since: at.wall,
      startAt: isThrottled ? at.monotonic + throttle : at.monotonic,
      isOnce: false,
      startsWhen: isThrottled ? after(at, throttle) : null,
    },
  };
}

function after({ wall }: Moment, millis: number): Moment["wall"] {
  return { seconds: wall.seconds + millis / 1000, nanoseconds: wall.nanoseconds };
}
