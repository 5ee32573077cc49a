import type { Effect } from "./event.ts";
import type { Identity } from "./scan.ts";
import { emptyMap, find, withEntry, withoutEntry, type SharedMap } from "./shared-map.ts";
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
  readonly services: SharedMap<Service>;
  /** The services whose runsv has this pid. */
  readonly pids: SharedMap<Identity>;
  /** The services without a runsv, the one that is to be started first in front. */
  readonly due: readonly Identity[];
  /** How many have a runsv that has not been told to leave. */
  readonly running: number;
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
  return { policy, phase: { kind: "supervising" }, ...noServices, failed: new Map(), pausedUntil: 0 };
}

const noServices = { services: emptyMap<Service>(), pids: emptyMap<Identity>(), due: [], running: 0 } as const;

/** The state with one service set, or forgotten. What is derived from the services follows. */
export function put(state: State, identity: Identity, service: Service | null): State {
  const before = find(state.services, identity) ?? null;
  return {
    ...state,
    services: service === null ? withoutEntry(state.services, identity) : withEntry(state.services, identity, service),
    pids: movePid(state.pids, identity, pidOf(before), pidOf(service)),
    due: moveDue(state, identity, dueAt(before), dueAt(service)),
    running: state.running + Number(isRunning(service)) - Number(isRunning(before)),
  };
}

function isRunning(service: Service | null): boolean {
  return service?.runsv.kind === "running";
}

function pidOf(service: Service | null): number | null {
  const runsv = service?.runsv;
  return runsv?.kind === "running" || runsv?.kind === "leaving" ? runsv.pid : null;
}

function movePid(pids: State["pids"], identity: Identity, from: number | null, to: number | null): State["pids"] {
  if (from === to) return pids;
  const rest = from === null ? pids : withoutEntry(pids, String(from));
  return to === null ? rest : withEntry(rest, String(to), identity);
}

/** When a service is to be started; null where it has a runsv. */
export function dueAt(service: Service | null): number | null {
  return service?.runsv.kind === "none" ? service.runsv.startAt : null;
}

function moveDue({ due, services }: State, identity: Identity, from: number | null, to: number | null): State["due"] {
  if (from === to) return due;
  const rest = from === null ? due : due.toSpliced(due.indexOf(identity), 1);
  if (to === null) return rest;
  const later = rest.findLastIndex((one) => (dueAt(find(services, one) ?? null) ?? to) <= to);
  return rest.toSpliced(later + 1, 0, identity);
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
