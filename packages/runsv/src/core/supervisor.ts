import { defaultSettings, type RunSettings } from "@upkeep/service-directory/core/run-settings";

import { obey, scriptDone } from "./command.ts";
import type { Effect } from "./effect.ts";
import type { Event } from "./event.ts";
import { advance, processExited, leftoversChecked, runFailed, finishSettled } from "./ending.ts";
import type { Moment } from "./moment.ts";
import { deadlineOf, initialSlot, isBusy, isDown, type Slot } from "./slot.ts";
import {
  becomeReady,
  checkFailed,
  checkStarted,
  dependenciesChecked,
  dependencyChanged,
  runStarted,
} from "./starting.ts";

/** All that a supervisor knows. */
export interface State {
  readonly service: Slot;
  readonly log: Slot | null;
  /** Whether the logger has been given its end of input, after which there is no way back. */
  readonly isClosing: boolean;
  readonly isExiting: boolean;
  /** Events that wait until their slot has its answer. */
  readonly held: readonly Event[];
}

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
    isExiting: false,
    held: [],
  };
}

/** Monotonic: when to send the next tick; Infinity for never. */
export function nextDeadline({ service, log, isExiting }: State): number {
  if (isExiting) return Infinity;
  return Math.min(deadlineOf(service), log === null ? Infinity : deadlineOf(log));
}

/**
 * What an event makes of the state, and what is to be done about it. Total: an event that no longer
 * means anything (the exit of a process long replaced) changes nothing.
 */
export function step(state: State, event: Event): Step {
  if (state.isExiting) return { state, effects: [] };
  const effects: Effect[] = [];
  let next = take(state, event, effects);
  for (;;) {
    next = settle(next, event.at, effects);
    const ready = next.held.findIndex((held) => !mustWait(next, held));
    const held = next.held[ready];
    if (held === undefined || next.isExiting) return { state: next, effects };
    next = take({ ...next, held: next.held.toSpliced(ready, 1) }, { ...held, at: event.at }, effects);
  }
}

function take(state: State, event: Event, effects: Effect[]): State {
  if (event.kind === "tick") return state;
  if (mustWait(state, event)) return { ...state, held: [...state.held, event] };
  const slot = state[event.slot];
  if (slot === null) return state;
  return { ...state, [event.slot]: handle(slot, event, effects, state.isClosing) };
}

/** While a slot awaits an answer, only answers reach it. */
function mustWait(state: State, event: Event): boolean {
  if (event.kind !== "command" && event.kind !== "exited") return false;
  const slot = state[event.slot];
  return slot !== null && isBusy(slot);
}

function handle(
  slot: Slot,
  event: Exclude<Event, { readonly kind: "tick" }>,
  effects: Effect[],
  isClosing: boolean,
): Slot {
  switch (event.kind) {
    case "command":
      // The logger has its end of input and the service is down: nothing can be started any more.
      if (isClosing && slot.name === "service") return slot;
      return obey(slot, event.command, event.at, effects);
    case "scriptDone":
      return scriptDone(slot, event.replacesSignal, event.at, effects);
    case "exited":
      return processExited(slot, event.pid, event.exit, event.at, effects);
    case "runStarted":
      return runStarted(slot, event.process, event.settings, event.at, effects);
    case "runFailed":
      return runFailed(slot, event.retry, event.settings, event.at, effects);
    case "finishStarted":
    case "finishSkipped":
      return finishSettled(slot, event, event.at, effects);
    case "notified":
      return isRunOf(slot, event.pid) ? becomeReady(slot, event.at, effects) : slot;
    case "checkStarted":
      return checkStarted(slot, event.process, event.at);
    case "checkFailed":
      return checkFailed(slot, event.retry, event.at, effects);
    case "dependencyChanged":
      return dependencyChanged(slot, event.at);
    case "dependenciesChecked":
      return dependenciesChecked(slot, event, event.at, effects);
    case "leftoversChecked":
      return leftoversChecked(slot, event.isAny, event.at, effects);
    default:
      return event satisfies never;
  }
}

function isRunOf({ state }: Slot, pid: number): boolean {
  return state.kind === "run" && state.process.pid === pid;
}

/** Does what is due, the log first, and ends the supervisor when there is nothing left to do. */
function settle(state: State, at: Moment, effects: Effect[]): State {
  const log = state.log === null ? null : advance(state.log, at, effects);
  const service = advance(state.service, at, effects);
  const next: State = { ...state, service, log };
  const isHeld = state.held.some((event) => event.kind !== "tick" && event.slot === "service");
  if (service.want !== "exit" || !isDown(service) || isHeld) return next;
  if (log === null || isDown(log)) {
    effects.push({ kind: "exit" });
    // A log that was put down is over with its service, too, and nobody is to leave it down for that.
    return { ...next, log: log === null ? null : { ...log, want: "exit" }, isExiting: true };
  }
  if (state.isClosing) return next;
  effects.push({ kind: "closeLogPipe" });
  return { ...next, log: { ...log, want: "exit" }, isClosing: true };
}
