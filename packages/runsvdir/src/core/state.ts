import type { Effect } from "./event.ts";
import type { Identity } from "./scan.ts";
import type { Needs } from "./stop-order.ts";
import type { StopProgress } from "./stop-progress.ts";

/**
 * The runsv of a service.
 *
 *     none ── start ──▶ starting ── started ──▶ running ── exited ──▶ none
 *                                   or adopted
 *       ▲                   │                      │ entry gone: TERM
 *       └───── failed ──────┘                      ▼
 *                                               leaving ── exited ──▶ none, or forgotten
 *
 * During a stop `none` means that it was killed, or has not been started yet. When its turn comes, it is started a last
 * time.
 *
 * The pid of an engine in this process is a number below zero.
 */
export type Runsv =
  | { readonly kind: "none"; readonly startAt: number }
  /** `isLast`: it is started only to end what a killed runsv has left, and leaves by itself. */
  | { readonly kind: "starting"; readonly isLast: boolean }
  /** `follows`: it can move over when its directory is replaced. */
  | { readonly kind: "running"; readonly pid: number; readonly since: number; readonly follows: boolean }
  | { readonly kind: "leaving"; readonly pid: number; readonly isLast: boolean };

/** One service directory. */
export interface Service {
  readonly name: string;
  /** The path of its directory without links. */
  readonly place: string;
  /** Whether the scan directory still has it. An entry that comes back waits until its old runsv is gone. */
  readonly isListed: boolean;
  readonly runsv: Runsv;
  /** The errno of the last start, or 0: one reason is reported once. */
  readonly failure: number;
}

export interface Policy {
  /** TERM, HUP and INT stop every service and wait for that. */
  readonly isOrderly: boolean;
  /** How long an orderly stop waits before it has services killed, in ms. */
  readonly stopTimeout: number;
}

export type Phase =
  | { readonly kind: "supervising" }
  /** `code`: the exit code at the end. A runsv whose turn has not come is still `running` or `none`. */
  | { readonly kind: "stopping"; readonly stop: StopProgress; readonly needs: Needs; readonly code: number }
  | { readonly kind: "ended" };

/** All that runsvdir knows. Times are in ms of the monotonic clock. */
export interface State {
  readonly policy: Policy;
  readonly phase: Phase;
  readonly services: ReadonlyMap<Identity, Service>;
  /** The names that could not be examined, with the errno of each. */
  readonly failed: ReadonlyMap<string, number>;
  /** No start before this moment: the system could not create a process. */
  readonly pausedUntil: number;
}

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export function initialState(policy: Policy): State {
  return { policy, phase: { kind: "supervising" }, services: new Map(), failed: new Map(), pausedUntil: 0 };
}

/** The state with one service set, or forgotten. */
export function put(state: State, identity: Identity, service: Service | null): State {
  const services = new Map(state.services);
  if (service === null) services.delete(identity);
  else services.set(identity, service);
  return { ...state, services };
}

/** A step without effects. */
export function same(state: State): Step {
  return { state, effects: [] };
}

export function warning(message: string): Effect {
  return { kind: "warn", severity: "warning", message };
}

/** TERM for a runsv that has not had one. */
export function termOnce(runsv: Runsv | undefined): readonly Effect[] {
  return runsv?.kind === "running" ? [{ kind: "signal", pid: runsv.pid, signal: "SIGTERM" }] : [];
}
