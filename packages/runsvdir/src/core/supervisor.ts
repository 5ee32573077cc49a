import { reasonOf } from "@upkeep/linux/core/errno";

import { afterLoss, continueStop, criticalEnded, signalled, timeOver } from "./ending.ts";
import type { Effect, Event, StartOutcome } from "./event.ts";
import { planScan, type Identity, type Listed } from "./scan.ts";
import { put, same, warning, type Runsv, type Service, type State, type Step } from "./state.ts";
import { nextMove } from "./stop.ts";

/** Least time between two starts of one service's runsv, in ms. */
const restartPause = 1000;
/** Pause after the system had no process to give, in ms. */
const forkPause = 1000;
/** How many are started before other events have their turn. */
const batch = 8;

/** When the next `tick` is due; a moment in the past means: as soon as other events have had their turn. */
export function nextDeadline({ phase, services, pausedUntil }: State): number {
  if (phase.kind === "ended") return Infinity;
  if (phase.kind === "stopping") return nextMove(phase.stop);
  let deadline = Infinity;
  for (const { runsv } of services.values()) if (runsv.kind === "none") deadline = Math.min(deadline, runsv.startAt);
  return Math.max(deadline, pausedUntil);
}

/** What an event changes, and what is to be done about it. */
export function step(state: State, event: Event): Step {
  switch (event.kind) {
    case "listed":
      // A stop goes by what runs, not by what is listed.
      return state.phase.kind === "supervising" ? listed(state, event.listing, event.at) : same(state);
    case "started":
    case "startFailed":
    case "entryChanged":
      return startAnswered(state, event.identity, event, event.at);
    case "exited":
      return exited(state, event.pid, event.isKilled, event.at);
    case "signal":
      return signalled(state, event.signal, event.isTyped, event.needs, event.at);
    case "timeOver":
      return timeOver(state, event.needs, event.at);
    case "critical":
      return criticalEnded(state, event.name, event.code, event.needs, event.at);
    case "tick":
      if (state.phase.kind === "stopping") return continueStop(state, state.phase, event.at);
      return startDue(state, [], event.at);
    default:
      return event satisfies never;
  }
}

function listed(state: State, listing: readonly Listed[], at: number): Step {
  const table = new Map([...state.services].filter(([, { isListed }]) => isListed).map(([id, { name }]) => [id, name]));
  const plan = planScan({ services: table, failed: state.failed }, listing);
  const services = new Map(state.services);
  const effects: Effect[] = plan.warn.map(({ name, errno }) => warning(`unable to stat ${name}: ${reasonOf(errno)}`));
  for (const identity of plan.stop) {
    const service = services.get(identity);
    if (service !== undefined) remove(services, identity, service, effects);
  }
  for (const { identity, name } of plan.keep) {
    const service = services.get(identity);
    if (service === undefined || service.name === name) continue;
    // A start that failed because the name had changed need not wait any longer.
    const runsv: Runsv = service.runsv.kind === "none" ? { kind: "none", startAt: at } : service.runsv;
    services.set(identity, { ...service, name, runsv });
  }
  for (const { identity, name } of plan.start) {
    const runsv: Runsv = services.get(identity)?.runsv ?? { kind: "none", startAt: at };
    services.set(identity, { name, isListed: true, runsv, failure: 0 });
  }
  return startDue({ ...state, services, failed: plan.failed }, effects, at);
}

/** The entry of a service is gone: its runsv is told to go, and nobody waits for that. */
function remove(services: Map<Identity, Service>, identity: Identity, service: Service, effects: Effect[]): void {
  const { runsv } = service;
  if (runsv.kind === "none") {
    services.delete(identity);
  } else if (runsv.kind === "running") {
    effects.push({ kind: "signal", pid: runsv.pid, signal: "SIGTERM" });
    services.set(identity, { ...service, isListed: false, runsv: { kind: "leaving", pid: runsv.pid, isLast: false } });
  } else {
    services.set(identity, { ...service, isListed: false });
  }
}

/** Starts a few of those that are due; the others are still due then, see {@link nextDeadline}. */
function startDue(state: State, effects: readonly Effect[], at: number): Step {
  if (state.phase.kind !== "supervising" || at < state.pausedUntil) return { state, effects };
  const due: (readonly [Identity, Service])[] = [];
  for (const entry of state.services) {
    const { runsv } = entry[1];
    if (runsv.kind === "none" && runsv.startAt <= at) due.push(entry);
    if (due.length === batch) break;
  }
  if (due.length === 0) return { state, effects };
  const services = new Map(state.services);
  for (const [identity, service] of due)
    services.set(identity, { ...service, runsv: { kind: "starting", isLast: false } });
  const starts = due.map(([identity, { name }]): Effect => ({ kind: "start", identity, name, isLast: false }));
  return { state: { ...state, services }, effects: [...effects, ...starts] };
}

function startAnswered(state: State, identity: Identity, outcome: StartOutcome, at: number): Step {
  const service = state.services.get(identity);
  if (service === undefined) return same(state);
  const isWanted = state.phase.kind === "supervising" && service.isListed;
  if (outcome.kind === "started") {
    const { pid } = outcome;
    const isLast = service.runsv.kind === "starting" && service.runsv.isLast;
    const runsv: Runsv = isWanted ? { kind: "running", pid, since: at } : { kind: "leaving", pid, isLast };
    const effects: readonly Effect[] = isWanted || isLast ? [] : [{ kind: "signal", pid, signal: "SIGTERM" }];
    return { state: put(state, identity, { ...service, runsv, failure: 0 }), effects };
  }
  const isNew = outcome.kind === "startFailed" && service.failure !== outcome.errno;
  const complaints = isNew ? [startFailure(service.name, outcome.errno, outcome.isFork)] : [];
  if (!isWanted) return afterLoss(put(state, identity, null), complaints);
  const later: Service = { ...service, runsv: { kind: "none", startAt: at + restartPause } };
  if (outcome.kind === "entryChanged") return { state: put(state, identity, later), effects: [{ kind: "rescan" }] };
  const { errno, isFork } = outcome;
  const next = put(state, identity, { ...later, failure: errno });
  return {
    state: isFork ? { ...next, pausedUntil: at + forkPause } : next,
    effects: complaints,
  };
}

function startFailure(name: string, errno: number, isFork: boolean): Effect {
  const reason = reasonOf(errno);
  if (isFork) return warning(`unable to fork for ${name}: ${reason}`);
  return { kind: "warn", severity: "fatal", message: `unable to start runsv ${name}: ${reason}` };
}

function exited(state: State, pid: number, isKilled: boolean, at: number): Step {
  for (const [identity, service] of state.services) {
    const { runsv } = service;
    if ((runsv.kind !== "running" && runsv.kind !== "leaving") || runsv.pid !== pid) continue;
    const isLast = runsv.kind === "leaving" && runsv.isLast;
    if (state.phase.kind === "stopping" && service.isListed && isKilled && !isLast) {
      // Killed, if only by a TERM that came before it was prepared for one, it has ended nothing.
      return afterLoss(put(state, identity, { ...service, runsv: { kind: "none", startAt: at } }), []);
    }
    if (state.phase.kind !== "supervising" || !service.isListed) return afterLoss(put(state, identity, null), []);
    const startAt = runsv.kind === "running" ? Math.max(at, runsv.since + restartPause) : at;
    return startDue(put(state, identity, { ...service, runsv: { kind: "none", startAt } }), [], at);
  }
  // An orphan that was adopted: reaping it was all there was to do.
  return same(state);
}
