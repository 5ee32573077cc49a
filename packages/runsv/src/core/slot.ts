import { defaultSettings, type RunSettings } from "@upkeep/service-directory/core/run-settings";
import type { AskedEnd, FirstReady, Placement } from "@upkeep/supervise/core/state-json";
import type { WallTime } from "@upkeep/supervise/core/tai64n";

import type { Waiting } from "./dependency-graph.ts";
import type { Outcome } from "./policy.ts";
import type { LeftBehind } from "./left-behind.ts";
import type { End, Moment, Process } from "./moment.ts";
import { none } from "./none.ts";
import { unproven, type Placing } from "./placement.ts";
import { progressDeadline, type Progress } from "./progress.ts";

/** The two slots of a supervisor: the service itself, and the log service in `log/`. */
export type SlotName = "service" | "log";

/** Milliseconds until another try when the system has no process to give. Source: runit 2.1.2. */
export const forkPause = 5000;

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
 * In `starting` and `ended` the slot waits for the answer to an effect; nothing else happens to it before that. A log
 * has no `waiting`.
 */
export type SlotState =
  | Down
  /** It waits for dependencies. Nothing of it runs, and everybody else sees it down. */
  | {
      readonly kind: "waiting";
      readonly since: WallTime;
      readonly isOnce: boolean;
      /** Dependencies that are not satisfied; none before the first answer. */
      readonly awaited: Waiting;
      /** Problems that have been warned of. */
      readonly warned: readonly string[];
      /** Monotonic: when to ask again; Infinity while an answer is awaited. */
      readonly pollAt: number;
      readonly pollPause: number;
    }
  | { readonly kind: "starting"; readonly since: WallTime; readonly isOnce: boolean }
  | ({
      readonly kind: "run";
      readonly process: Process;
      /** Null: unknown, of a process that was adopted. */
      readonly placement: Placement | null;
      readonly killAt: number;
      readonly progress: Progress;
    } & Running)
  | ({
      readonly kind: "leftovers";
      readonly group: number;
      /** Since boot, whole ms: when the leader was reaped. As long as the group has a member, nobody gets its number. */
      readonly groupAt: number;
      readonly isTermed: boolean;
      readonly killAt: number;
      readonly giveUpAt: number;
      /** Monotonic: when to ask again; Infinity while an answer is awaited. */
      readonly pollAt: number;
      readonly pollPause: number;
    } & Running)
  | ({ readonly kind: "ended"; readonly retryAt: number } & Running)
  | ({ readonly kind: "finish"; readonly process: Process; readonly killAt: number } & Running);

interface Down {
  readonly kind: "down";
  readonly since: WallTime;
  /** Monotonic: it is not started before. This throttle keeps a crashing service from spinning. */
  readonly startAt: number;
  /** Monotonic: not even an operator starts it before. Earlier than `startAt` where the pause has grown. */
  readonly soonestAt: number;
  /** Start once although it is wanted down. */
  readonly isOnce: boolean;
  readonly startsWhen: WallTime | null;
}

/** What the slot remembers of a start of `./run` until it is down again. */
export interface Running {
  readonly since: WallTime;
  readonly startedAt: number;
  readonly settings: RunSettings;
}

/** The letter of a control script, which is the byte of the command that the script may replace. */
export type ScriptLetter = "u" | "t" | "d" | "x" | "k" | "p" | "c" | "h" | "a" | "i" | "q" | "1" | "2";

/** What a slot does, what is wanted of it, and what has been done to it: three facts independent of each other. */
export interface Slot {
  readonly name: SlotName;
  readonly state: SlotState;
  readonly want: "up" | "down" | "exit";
  readonly isPaused: boolean;
  readonly gotTerm: boolean;
  /** The control script that works now. */
  readonly script: ScriptLetter | null;
  /** How often `./run` has been started. */
  readonly starts: number;
  readonly lastExit: LastExit | null;
  /** The ends of this `./run` that somebody has asked for. */
  readonly asked: readonly AskedEnd[];
  /** Why it is not started again although it was wanted up. Then it is wanted down from now on. */
  readonly outcome: Outcome | null;
  /** Monotonic: failures within the window of `restart-limit`. */
  readonly failures: readonly number[];
  /** Milliseconds: the pause that a row of failures has grown to; null: none. */
  readonly delay: number | null;
  readonly placing: Placing;
  /** What a start has left running that put itself into the background. */
  readonly leftBehind: LeftBehind | null;
  /** How it came up when its supervision began; null where an older `runsv` began. */
  readonly firstReady: FirstReady | null;
  /** The settings as they were read last. */
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
    asked: none,
    outcome: null,
    failures: none,
    delay: null,
    placing: unproven,
    leftBehind: null,
    firstReady: { began: Math.round(at.boot), started: null, ready: null },
    settings,
  };
}

/** Down, and free to be started. */
export function downAt(at: Moment, since: WallTime = at.wall): Down {
  return { kind: "down", since, startAt: at.monotonic, soonestAt: at.monotonic, isOnce: false, startsWhen: null };
}

/** Whether the slot waits for an answer to an effect. Commands and exits are held until it comes. */
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

/** The end of a `./run` of which nothing is on record. */
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

/** Notes when it was started first, and when it was first of use to others. */
export function noteFirstReady(slot: Slot, at: Moment): Slot {
  const { firstReady, starts } = slot;
  if (firstReady === null || firstReady.ready !== null || starts === 0) return slot;
  const now = Math.round(at.boot);
  const ready = isSatisfied(slot) ? now : null;
  if (firstReady.started !== null && ready === null) return slot;
  return { ...slot, firstReady: { ...firstReady, started: firstReady.started ?? now, ready } };
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
