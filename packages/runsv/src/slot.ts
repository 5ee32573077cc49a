import type { Exit } from "@upkeep/syscalls/wait";
import type { WallTime } from "@upkeep/supervise/tai64n";

/** Which of the two services of a service directory: the one itself, or the one in `log/`. */
export type SlotName = "service" | "log";

/** A moment on both clocks: stamps use the wall clock, deadlines the one that never steps (in ms). */
export interface Moment {
  readonly wall: WallTime;
  readonly monotonic: number;
}

/** A running process: the pid with the start time (clock ticks since boot) names it for good. */
export interface Process {
  readonly pid: number;
  /** Its process group. */
  readonly group: number;
  readonly startTicks: number;
}

/** What the service directory said when `./run` was started. */
export interface RunSettings {
  /** Whether the rest of `./run`'s process group is ended when `./run` is gone. */
  readonly endsLeftovers: boolean;
  /** Whether descendants that left the group are ended, too. */
  readonly endsOrphans: boolean;
  /** Milliseconds from TERM to KILL; 0 is never; null when the directory does not say. */
  readonly timeoutKill: number | null;
}

/** How the last `./run` ended. */
export interface LastExit {
  /** Null when it could not be started at all, which counts as exit code 111. */
  readonly exit: Exit | null;
  /** Its process group; null when it could not be started. */
  readonly group: number | null;
  readonly at: WallTime;
  readonly ranMillis: number;
}

/**
 * What a slot is doing.
 *
 * ```
 *            (control/u)            exit              nothing left        finish ended,
 *   down ──▶ starting ──▶ run ──────────▶ leftovers ──────▶ ended ──▶ finish ──▶ down
 *    ▲           │         │ exit, none left or kept         ▲ │ no ./finish      ▲
 *    │ no fork   │         └─────────────────────────────────┘ └──────────────────┘
 *    └───────────┘
 * ```
 *
 * In `starting` and `ended` the outside has been asked for something, and answers before anything
 * else happens to the slot.
 */
export type SlotState =
  | {
      readonly kind: "down";
      readonly since: WallTime;
      /** Monotonic: not started before; the throttle that keeps a crashing service from spinning. */
      readonly startAt: number;
      /** Start once although it is wanted down. */
      readonly isOnce: boolean;
      readonly startsWhen: WallTime | null;
    }
  | { readonly kind: "starting"; readonly since: WallTime; readonly isOnce: boolean }
  | ({ readonly kind: "run"; readonly process: Process; readonly killAt: number } & Running)
  | ({
      readonly kind: "leftovers";
      readonly group: number;
      readonly isTermed: boolean;
      readonly killAt: number;
      readonly giveUpAt: number;
      /** Monotonic: when to look again; Infinity while an answer is awaited. */
      readonly pollAt: number;
      readonly pollPause: number;
    } & Running)
  | ({ readonly kind: "ended"; readonly retryAt: number } & Running)
  | ({ readonly kind: "finish"; readonly process: Process } & Running);

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
}

/** A slot at the start of its supervisor. */
export function initialSlot(name: SlotName, want: "up" | "down", at: Moment): Slot {
  return {
    name,
    state: { kind: "down", since: at.wall, startAt: at.monotonic, isOnce: false, startsWhen: null },
    want,
    isPaused: false,
    gotTerm: false,
    script: null,
    starts: 0,
    lastExit: null,
  };
}

/** Whether the slot waits for an answer from outside; what happens meanwhile is held back. */
export function isBusy({ script, state }: Slot): boolean {
  return script !== null || state.kind === "starting" || (state.kind === "ended" && state.retryAt === Infinity);
}

/** Whether nothing of the slot runs and nothing is under way. */
export function isDown(slot: Slot): boolean {
  return slot.state.kind === "down" && !isBusy(slot);
}

/** Monotonic: when the slot has something to do by itself; Infinity for never. */
export function deadlineOf(slot: Slot): number {
  const { state, want } = slot;
  if (isBusy(slot)) return Infinity;
  switch (state.kind) {
    case "down":
      return want === "up" || state.isOnce ? state.startAt : Infinity;
    case "run":
      return state.killAt;
    case "leftovers":
      return state.pollAt;
    case "ended":
      return state.retryAt;
    case "starting":
    case "finish":
      return Infinity;
    default:
      return state satisfies never;
  }
}
