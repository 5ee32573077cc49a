import type { Budget } from "./budget.ts";
import type { Effect, ScriptSet } from "./event.ts";

/** What is known from the start. */
export interface Facts {
  readonly budget: Budget;
  readonly enableInsecureKey: boolean;
  readonly skipStartupFiles: boolean;
  readonly skipRunit: boolean;
  readonly killAllOnExit: boolean;
  /** The main command as words for a message; null: there is none. */
  readonly mainCommand: string | null;
}

/** Scripts of a set: the one that runs, and those after it. */
export interface ScriptQueue {
  readonly set: ScriptSet;
  /** `pid` is 0 until it has been started. */
  readonly current: { readonly path: string; readonly pid: number } | null;
  readonly rest: readonly string[];
}

/**
 * The life of a container.
 *
 *     booting ──▶ running ──▶ stopping ──▶ ended
 *     key           │         startup (the script that was running)
 *     startup       │         main
 *     rcLocal       │         preShutdown
 *        │          │         services
 *        │          ▼         postShutdown
 *        └────── a stop ──▶   all
 *
 * A stop that comes while booting leaves out what has not begun, and goes from `startup`, or from `services` when they
 * have been started, to `all`: as in phusion's, the shutdown scripts belong to a container that has come up.
 */
export type Phase =
  | { readonly kind: "booting"; readonly queue: ScriptQueue }
  | { readonly kind: "running" }
  | { readonly kind: "stopping"; readonly step: StopStep; readonly deadline: number; readonly isForced: boolean }
  | { readonly kind: "ended" };

/** What a stop is waiting for. */
export type StopStep =
  | { readonly kind: "startup"; readonly queue: ScriptQueue }
  | { readonly kind: "main" }
  | { readonly kind: "scripts"; readonly queue: ScriptQueue }
  /** `isKilled`: runsvdir itself. */
  | { readonly kind: "services"; readonly isKilled: boolean }
  | { readonly kind: "all" };

/** A stop, from its beginning on. */
export interface StopProgress {
  readonly since: number;
  /** When somebody last asked for it. */
  readonly askedAt: number;
  /** How often somebody has asked for it, beyond the first time. */
  readonly haste: 0 | 1 | 2;
  readonly reportAt: number;
}

/** All that my_init knows. Times are in ms of the monotonic clock. */
export interface State extends Facts {
  readonly phase: Phase;
  readonly stop: StopProgress | null;
  /** Pid of runsvdir; 0 while it does not run. */
  readonly services: number;
  /** Whether runsvdir ends because of a critical service, and the container with it. */
  readonly isCritical: boolean;
  /** When runsvdir is started anew. */
  readonly servicesAt: number;
  /** Pid of the main command; 0 while it does not run. */
  readonly main: number;
  /** Whether a start of the main command was tried: that happens once. */
  readonly isMainStarted: boolean;
  /** The exit code, once something has decided it. */
  readonly code: number | null;
  /** What a shutdown script failed with; counts where all else went well. */
  readonly scriptCode: number;
}

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export function initialState(facts: Facts): State {
  return {
    ...facts,
    phase: { kind: "booting", queue: { set: "key", current: null, rest: [] } },
    stop: null,
    services: 0,
    isCritical: false,
    servicesAt: Infinity,
    main: 0,
    isMainStarted: false,
    code: null,
    scriptCode: 0,
  };
}

/** A step without effects. */
export function same(state: State): Step {
  return { state, effects: [] };
}

export function info(text: string): Effect {
  return { kind: "say", level: "info", text };
}

export function warning(text: string): Effect {
  return { kind: "say", level: "warning", text };
}

/** The step `next`, with effects before its own. */
export function after(effects: readonly Effect[], next: Step): Step {
  return { state: next.state, effects: [...effects, ...next.effects] };
}
