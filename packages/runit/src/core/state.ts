import type { Effect, Script, Stage } from "./event.ts";

/**
 * Where the machine's life stands.
 *
 *     starting ─▶ running 1 ─▶ running 2 ─▶ running 3 ─▶ ending
 *       │ ▲             │       │  ▲  │ asked to end       ▲
 *       ▼ │             │       │  │  ▼                    │
 *      paused           │       │  │ stopping ─▶ 3         │
 *     (no process       │       ▼  │                       │
 *      available)       │    restarting                    │
 *                       └── failed badly: without 2 ── 3 ──┘
 */
export type Phase =
  | { readonly kind: "starting"; readonly stage: Stage }
  | { readonly kind: "paused"; readonly stage: Stage; readonly until: number }
  | { readonly kind: "running"; readonly stage: Stage; readonly pid: number }
  /** Stage 2 has had TERM; at the deadline it gets KILL. */
  | { readonly kind: "stopping"; readonly pid: number; readonly deadline: number }
  /** Stage 2 was killed, or asked to run again. */
  | { readonly kind: "restarting"; readonly until: number }
  | { readonly kind: "ending" };

/** The script for ctrl-alt-del, which runs beside stage 2. */
export type Request =
  | { readonly kind: "none" }
  | { readonly kind: "starting" }
  | { readonly kind: "paused"; readonly until: number }
  | { readonly kind: "running"; readonly pid: number };

/** What is known from the start. */
export interface Facts {
  /** Our name and version, for the first line. */
  readonly identity: string;
  /** Process 1 of a container, not of a machine. */
  readonly isContained: boolean;
}

/** All that runit knows. Times are in ms of the monotonic clock. */
export interface State extends Facts {
  readonly phase: Phase;
  readonly request: Request;
  /** PWR has come: power is running out, so the machine is powered off whatever the flags say. */
  readonly isPowerFailing: boolean;
}

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export function initialState(facts: Facts): State {
  return { ...facts, phase: { kind: "starting", stage: "1" }, request: { kind: "none" }, isPowerFailing: false };
}

/** A step without effects. */
export function same(state: State): Step {
  return { state, effects: [] };
}

export function say(text: string): Effect {
  return { kind: "say", text };
}

export function warn(text: string): Effect {
  return say(`warning: ${text}`);
}

export function fatal(text: string): Effect {
  return say(`fatal: ${text}`);
}

/** The path of a script. */
export function pathOf(script: Script): string {
  return `/etc/runit/${script}`;
}

/** Whether the machine is in stage 2, and nobody has asked for its end. */
export function isInStage2({ phase }: State): boolean {
  if (phase.kind === "restarting") return true;
  return phase.kind !== "ending" && phase.kind !== "stopping" && phase.stage === "2";
}
