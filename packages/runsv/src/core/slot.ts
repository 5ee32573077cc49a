import { defaultSettings, type RunSettings } from "@upkeep/service-directory/core/run-settings";
import type { WallTime } from "@upkeep/supervise/core/tai64n";

import type { Waiting } from "./dependency-graph.ts";
import type { Asked, Outcome } from "./policy.ts";
import type { End, Moment, Process } from "./moment.ts";
import { progressDeadline, type Progress } from "./progress.ts";

/** Which of the two services of a service directory: the one itself, or the one in `log/`. */
export type SlotName = "service" | "log";

/** How the last `./run` ended. */
export interface LastExit {
  /** Null when it could not be started at all, which counts as exit code 111. */
  readonly exit: End | null;
  /** Its process group; null when it could not be started. */
  readonly group: number | null;
  readonly at: WallTime;
  readonly ranMillis: number;
}

/**
 * What a slot is doing.
 *
 * ```
 *   down ──▶ waiting ──▶ starting ──▶ run ──▶ leftovers ──▶ ended ──▶ finish ──▶ down
 *    ▲  ▲        │   (control/u)│      │ exit, none left      ▲ │ no ./finish      ▲
 *    │  └────────┘ not wanted   │      └──────────────────────┘ └──────────────────┘
 *    └──────────────────────────┘ no fork
 * ```
 *
 * In `starting` and `ended` the outside has been asked for something, and answers before anything
 * else happens to the slot. A log has no `waiting`.
 */
export type SlotState =
  | Down
  /** For dependencies. Nothing of it runs; outside it counts as down. */
  | {
      readonly kind: "waiting";
      readonly since: WallTime;
      readonly isOnce: boolean;
      /** Dependencies that are not satisfied; none before the first look. */
      readonly awaited: Waiting;
      /** Problems that have been warned of. */
      readonly said: readonly string[];
      /** Monotonic: when to look again; Infinity while an answer is awaited. */
      readonly pollAt: number;
      readonly pollPause: number;
    }
  | { readonly kind: "starting"; readonly since: WallTime; readonly isOnce: boolean }
  | ({
      readonly kind: "run";
      readonly process: Process;
      readonly killAt: number;
      readonly progress: Progress;
    } & Running)
  | ({
      readonly kind: "leftovers";
      readonly group: number;
      /** Since boot, whole ms: when its leader was reaped, whose pid the group's members have kept from others since. */
      readonly groupAt: number;
      readonly isTermed: boolean;
      readonly killAt: number;
      readonly giveUpAt: number;
      /** Monotonic: when to look again; Infinity while an answer is awaited. */
      readonly pollAt: number;
      readonly pollPause: number;
    } & Running)
  | ({ readonly kind: "ended"; readonly retryAt: number } & Running)
  | ({ readonly kind: "finish"; readonly process: Process; readonly killAt: number } & Running);

interface Down {
  readonly kind: "down";
  readonly since: WallTime;
  /** Monotonic: not started before; the throttle that keeps a crashing service from spinning. */
  readonly startAt: number;
  /** Monotonic: not even when somebody asks. Earlier than `startAt` where the pause has grown. */
  readonly soonestAt: number;
  /** Start once although it is wanted down. */
  readonly isOnce: boolean;
  readonly startsWhen: WallTime | null;
}

/** What is remembered of a start of `./run` until the service is down again. */
export interface Running {
  readonly since: WallTime;
  readonly startedAt: number;
  readonly settings: RunSettings;
}

/** A control script in progress: its letter, which is the byte of the command it may replace. */
export type ScriptLetter = "u" | "t" | "d" | "x" | "k" | "p" | "c" | "h" | "a" | "i" | "q" | "1" | "2";

/** One service: what it does, what is wanted of it, and what has been done to it. Independent of each other. */
export interface Slot {
  readonly name: SlotName;
  readonly state: SlotState;
  readonly want: "up" | "down" | "exit";
  readonly isPaused: boolean;
  readonly gotTerm: boolean;
  readonly script: ScriptLetter | null;
  /** How often `./run` has been started. */
  readonly starts: number;
  readonly lastExit: LastExit | null;
  /** Which ends of this `./run` somebody has asked for. */
  readonly asked: readonly Asked[];
  /** Why it is not started again although that was wanted; then it is wanted down. */
  readonly outcome: Outcome | null;
  /** Monotonic: failures within the window of `restart-limit`. */
  readonly failures: readonly number[];
  /** Milliseconds: the pause that a row of failures has grown to; null: none. */
  readonly delay: number | null;
  /** As they were read last. */
  readonly settings: RunSettings;
}

/** A slot at the start of its supervisor. */
export function initialSlot(
  name: SlotName,
  want: "up" | "down",
  at: Moment,
  settings: RunSettings = defaultSettings,
): Slot {
  return {
    name,
    state: downAt(at),
    want,
    isPaused: false,
    gotTerm: false,
    script: null,
    starts: 0,
    lastExit: null,
    asked: [],
    outcome: null,
    failures: [],
    delay: null,
    settings,
  };
}

/** Down, and free to be started. */
export function downAt(at: Moment, since: WallTime = at.wall): Down {
  return { kind: "down", since, startAt: at.monotonic, soonestAt: at.monotonic, isOnce: false, startsWhen: null };
}

/** Whether the slot waits for an answer from outside; what happens meanwhile is held back. */
export function isBusy({ script, state }: Slot): boolean {
  return script !== null || state.kind === "starting" || (state.kind === "ended" && state.retryAt === Infinity);
}

/** Whether nothing of the slot runs and nothing is under way. */
export function isDown(slot: Slot): boolean {
  return slot.state.kind === "down" && !isBusy(slot);
}

/** Whether it is to be started once although it is wanted down. */
export function isToStartOnce({ state, want }: Slot): boolean {
  const isBefore = state.kind === "down" || state.kind === "waiting" || state.kind === "starting";
  return isBefore && state.isOnce && want === "down";
}

/** An end of `./run` that is not on record. */
export function unknownExit(at: WallTime, group: number | null = null): LastExit {
  return { exit: { kind: "unknown" }, group, at, ranMillis: 0 };
}

/** Whether this start of `./run` is ready. */
export function isReady({ state }: Slot): boolean {
  return state.kind === "run" && state.progress.kind === "ready";
}

/** Whether services that depend on this one may start: it is ready, or has done its work. */
export function isSatisfied(slot: Slot): boolean {
  return isReady(slot) || slot.outcome?.kind === "done";
}

/** Monotonic: when the slot has something to do by itself; Infinity for never. */
export function deadlineOf(slot: Slot): number {
  const { state, want } = slot;
  if (isBusy(slot)) return Infinity;
  switch (state.kind) {
    case "down":
      return want === "up" || state.isOnce ? state.startAt : Infinity;
    case "waiting":
      return state.pollAt;
    case "run":
      return Math.min(state.killAt, progressDeadline(state.progress));
    case "leftovers":
      return state.pollAt;
    case "ended":
      return state.retryAt;
    case "finish":
      return state.killAt;
    case "starting":
      return Infinity;
    default:
      return state satisfies never;
  }
}
