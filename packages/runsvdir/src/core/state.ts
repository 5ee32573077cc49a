import type { Effect } from "./event.ts";
import type { Identity } from "./scan.ts";
import type { Stop } from "./stop-progress.ts";
import type { Needs } from "./stop-order.ts";

/**
 * The runsv of a service.
 *
 *     none ── start ──▶ starting ── started ──▶ running ── exited ──▶ none
 *       ▲                   │                      │ entry gone: TERM
 *       └───── failed ──────┘                      ▼
 *                                               leaving ── exited ──▶ none, or forgotten
 *
 * During a stop `none` is one that was killed, or not started yet: in its turn it is started a last time.
 */
export type Runsv =
  | { readonly kind: "none"; readonly startAt: number }
  /** `isLast`: started only to end what a runsv that was killed has left; it leaves without being told. */
  | { readonly kind: "starting"; readonly isLast: boolean }
  | { readonly kind: "running"; readonly pid: number; readonly since: number }
  | { readonly kind: "leaving"; readonly pid: number; readonly isLast: boolean };

/** One service directory. */
export interface Service {
  readonly name: string;
  /** Whether the scan directory still has it. An entry that comes back waits for its old runsv to go. */
  readonly isListed: boolean;
  readonly runsv: Runsv;
  /** Why the last start failed, 0 when it did not: the same reason is told once. */
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
  /** `code`: the exit code that it comes to. A runsv that has not been told yet is still `running` or `none`. */
  | { readonly kind: "stopping"; readonly stop: Stop; readonly needs: Needs; readonly code: number }
  | { readonly kind: "ended" };

/** All that runsvdir knows. Times are in ms of the monotonic clock. */
export interface State {
  readonly policy: Policy;
  readonly phase: Phase;
  readonly services: ReadonlyMap<Identity, Service>;
  /** The names that could not be looked at, and why. */
  readonly failed: ReadonlyMap<string, number>;
  /** No start before this moment: the system had no process to give. */
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

/** A step that changes nothing more and asks for nothing. */
export function same(state: State): Step {
  return { state, effects: [] };
}

export function warning(message: string): Effect {
  return { kind: "warn", severity: "warning", message };
}
