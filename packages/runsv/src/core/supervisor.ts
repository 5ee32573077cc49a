import { defaultSettings, type RunSettings } from "@upkeep/service-directory/core/run-settings";

import { obey } from "./command.ts";
import type { Effect } from "./effect.ts";
import {
  checkLeftovers,
  finishExited,
  finishSkipped,
  finishStarted,
  killFinish,
  leftoversChecked,
  retryFinish,
  runExited,
} from "./ending.ts";
import type { Event } from "./event.ts";
import { leftBehindFound } from "./left-behind.ts";
import type { Moment } from "./moment.ts";
import { none } from "./none.ts";
import { advanceRun, checkExited, checkFailed, checkStarted, notified } from "./running.ts";
import { controlScriptDone } from "./signalling.ts";
import { deadlineOf, downAt, initialSlot, isBusy, isDown, noteFirstReady, type Slot } from "./slot.ts";
import { joined, stepTo, type SlotStep } from "./slot-step.ts";
import {
  beginStart,
  checkDependenciesAgain,
  controlUpDone,
  dependenciesChecked,
  dependencyChanged,
  runFailed,
  runStarted,
} from "./starting.ts";

/** All that a supervisor knows. */
export interface State {
  readonly service: Slot;
  readonly log: Slot | null;
  /** Whether the logger has been given its end of input, after which there is no way back. */
  readonly isClosing: boolean;
  /** Whether the log pipe was looked at after the logger had ended there. */
  readonly hasLookedIntoPipe: boolean;
  /** Whether the logger has been started once more at the end, without its pause. */
  readonly hasWokenLog: boolean;
  readonly isExiting: boolean;
  /** Events that wait until their slot has its answer. */
  readonly held: readonly Event[];
}

/** What an event made of the state, and what is to be done about it, in this order. */
export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** The state before the first event. `settings` are the service's, as far as they are known already. */
export function initialState(
  wants: { readonly service: "up" | "down"; readonly log: "up" | "down" | null },
  at: Moment,
  settings: RunSettings = defaultSettings,
): State {
  return {
    service: initialSlot("service", wants.service, at, settings),
    log: wants.log === null ? null : initialSlot("log", wants.log, at),
    isClosing: false,
    hasLookedIntoPipe: false,
    hasWokenLog: false,
    isExiting: false,
    held: none,
  };
}

/** Monotonic: when to send the next tick; Infinity for never. */
export function nextDeadline({ service, log, isExiting }: State): number {
  if (isExiting) return Infinity;
  return Math.min(deadlineOf(service), log === null ? Infinity : deadlineOf(log));
}

/**
 * Takes an event, and then those that were held until now. Total: an event that no longer means anything (the exit of
 * a process long replaced) changes nothing.
 */
export function step(state: State, event: Event): Step {
  if (state.isExiting) return { state, effects: [] };
  let done = andThen(take(state, event), (next) => settle(next, event.at));
  for (;;) {
    const { held, isExiting } = done.state;
    const free = held.findIndex((one) => !mustWait(done.state, one));
    const next = held[free];
    if (next === undefined || isExiting) return done;
    done = andThen(done, (before) => take({ ...before, held: held.toSpliced(free, 1) }, { ...next, at: event.at }));
    done = andThen(done, (taken) => settle(taken, event.at));
  }
}

function andThen({ state, effects }: Step, next: (state: State) => Step): Step {
  const then = next(state);
  return { state: then.state, effects: joined(effects, then.effects) };
}

function take(state: State, event: Event): Step {
  if (event.kind === "tick") return { state, effects: [] };
  if (mustWait(state, event)) return { state: { ...state, held: [...state.held, event] }, effects: [] };
  const before = state[event.slot];
  if (before === null) return { state, effects: [] };
  const { slot, effects } = handle(before, event, state.isClosing);
  const isLog = event.slot === "log";
  return { state: withSlots(state, isLog ? state.service : slot, isLog ? slot : state.log), effects };
}

/** While a slot awaits an answer, only answers reach it. */
function mustWait(state: State, event: Event): boolean {
  if (event.kind !== "command" && event.kind !== "exited") return false;
  const slot = state[event.slot];
  return slot !== null && isBusy(slot);
}

function handle(slot: Slot, event: Exclude<Event, { readonly kind: "tick" }>, isClosing: boolean): SlotStep {
  const { at } = event;
  switch (event.kind) {
    case "command":
      // The logger has its end of input and the service is down: nothing can be started any more.
      return isClosing && slot.name === "service" ? stepTo(slot) : obey(slot, event.command, at);
    case "scriptDone":
      if (slot.script === null) return stepTo(slot);
      if (slot.script === "u") return controlUpDone(slot);
      return controlScriptDone(slot, slot.script, event.replacesSignal, at);
    case "exited":
      return processExited(slot, event, at);
    case "runStarted":
      return runStarted(slot, event.process, event.placement, event.settings, at);
    case "runFailed":
      return runFailed(slot, event.retry, event.settings, at);
    case "finishStarted":
      return finishStarted(slot, event.process, at);
    case "finishSkipped":
      return finishSkipped(slot, event.retry, at);
    case "notified":
      return notified(slot, event.pid, at);
    case "checkStarted":
      return checkStarted(slot, event.process, at);
    case "checkFailed":
      return checkFailed(slot, event.retry, at);
    case "dependencyChanged":
      return dependencyChanged(slot, at);
    case "dependenciesChecked":
      return dependenciesChecked(slot, event, at);
    case "logPipeChecked":
      return stepTo(event.hasLines ? { ...slot, state: { ...downAt(at, slot.state.since), isOnce: true } } : slot);
    case "leftBehindFound":
      return leftBehindFound(slot, event.found, event.leadsSession);
    case "leftoversChecked":
      return leftoversChecked(slot, event.isAny, at);
    default:
      return event satisfies never;
  }
}

/** A process of the slot has ended. It may have been replaced by now; then its end means nothing. */
function processExited(
  slot: Slot,
  { pid, exit, group = null }: Event & { readonly kind: "exited" },
  at: Moment,
): SlotStep {
  const { state } = slot;
  if (state.kind === "finish") return state.process.pid === pid ? finishExited(slot, exit, at) : stepTo(slot);
  if (state.kind !== "run") return stepTo(slot);
  if (state.progress.kind === "polled" && state.progress.check?.pid === pid) return checkExited(slot, exit, at);
  return state.process.pid === pid ? runExited(slot, exit, group, at) : stepTo(slot);
}

/** Does what is due, the log first, and ends the supervisor when there is nothing left to do. */
function settle(state: State, at: Moment): Step {
  const log = state.log === null ? null : advance(state.log, at);
  const service = advance(state.service, at);
  const effects = log === null ? service.effects : joined(log.effects, service.effects);
  const settled = withSlots(state, noteFirstReady(service.slot, at), log?.slot ?? null);
  return andThen({ state: settled, effects }, (next) => endIfOver(next, at));
}

function withSlots(state: State, service: Slot, log: Slot | null): State {
  return service === state.service && log === state.log ? state : { ...state, service, log };
}

/** Does what is due on a slot by now. */
function advance(slot: Slot, at: Moment): SlotStep {
  if (deadlineOf(slot) > at.monotonic) return stepTo(slot);
  switch (slot.state.kind) {
    case "down":
      return beginStart(slot);
    case "waiting":
      return checkDependenciesAgain(slot);
    case "run":
      return advanceRun(slot, at);
    case "leftovers":
      return checkLeftovers(slot);
    case "ended":
      return retryFinish(slot);
    case "finish":
      return killFinish(slot);
    case "starting":
      return stepTo(slot);
    default:
      return slot.state satisfies never;
  }
}

/** When the service is down for good, the logger gets its end of input; when the logger has ended too, so do we. */
function endIfOver(state: State, at: Moment): Step {
  const { service, log } = state;
  const isHeld = state.held.some((event) => event.kind !== "tick" && event.slot === "service");
  if (service.want !== "exit" || !isDown(service) || isHeld) return { state, effects: [] };
  const ending: Slot | null = log === null ? null : { ...log, want: "exit" };
  if (log !== null && isDown(log) && mayLackLines(state, log)) return settle(wakeLog(state, log, at), at);
  // A logger that was killed has left lines behind. It is started once more for them, and no more.
  if (log !== null && isDown(log) && state.isClosing && !state.hasLookedIntoPipe)
    return { state: { ...state, hasLookedIntoPipe: true }, effects: [{ kind: "checkLogPipe" }] };
  // A log that was put down ends with its service, too; the next runsv must not take it for one to leave down.
  if (log === null || isDown(log))
    return { state: { ...state, log: ending, isExiting: true }, effects: [{ kind: "exit" }] };
  if (state.isClosing) return { state, effects: [] };
  return { state: { ...state, log: ending, isClosing: true }, effects: [{ kind: "closeLogPipe" }] };
}

/** Whether lines may wait in the pipe for a log that has ended and pauses. It is started once more for them, and no more. */
function mayLackLines({ hasWokenLog }: State, { want, starts }: Slot): boolean {
  return !hasWokenLog && want === "up" && starts > 0;
}

/** Has the log started without a pause. */
function wakeLog(state: State, log: Slot, at: Moment): State {
  return { ...state, hasWokenLog: true, log: { ...log, state: downAt(at, log.state.since) } };
}
