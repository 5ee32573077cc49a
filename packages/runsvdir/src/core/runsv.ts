import { reasonOf } from "@upkeep/linux/core/errno";

import type { Effect, RunsvEnd, StartOutcome } from "./event.ts";
import type { Identity } from "./scan.ts";
import { find } from "./shared-map.ts";
import { put, same, warning, type Runsv, type Service, type State, type Step } from "./state.ts";
import { afterLoss } from "./stop.ts";

/** Least time between two starts of one service's runsv, in ms. */
const restartPause = 1000;
/**
 * How long a service has no runsv after an end that was asked for, in ms. The field's clients look for that at intervals:
 * stock sv every 420 ms, scripts around svok often once a second.
 */
const absence = 1000;
/** Pause after the system could not create a process, in ms. */
const forkPause = 1000;
/** How many are started before other events have their turn. */
const batch = 8;

/** Starts a few of those that are due. The others stay due, and the next tick comes at once. */
export function startDue({ state, effects }: Step, at: number): Step {
  if (state.phase.kind !== "supervising" || at < state.pausedUntil) return { state, effects };
  let next = state;
  const starts: Effect[] = [];
  for (const identity of state.due.slice(0, batch)) {
    const service = find(state.services, identity);
    if (service?.runsv.kind !== "none" || service.runsv.startAt > at) break;
    next = put(next, identity, { ...service, runsv: { kind: "starting", isLast: false } });
    starts.push({ kind: "start", identity, name: service.name, isLast: false });
  }
  return { state: next, effects: [...effects, ...starts] };
}

export function startAnswered(state: State, identity: Identity, outcome: StartOutcome, at: number): Step {
  const service = find(state.services, identity);
  if (service === undefined) return same(state);
  const isWanted = state.phase.kind === "supervising" && service.isListed;
  if (outcome.kind === "started" || outcome.kind === "adopted") {
    const { pid } = outcome;
    const isStarted = outcome.kind === "started";
    // An adopted runsv does not leave by itself. When it ends, its successor need not wait.
    const isLast = isStarted && service.runsv.kind === "starting" && service.runsv.isLast;
    const since = isStarted ? at : at - restartPause;
    const follows = outcome.follows ?? true;
    const runsv: Runsv = isWanted ? { kind: "running", pid, since, follows } : { kind: "leaving", pid, isLast };
    const effects: readonly Effect[] = isWanted || isLast ? [] : [{ kind: "signal", pid, signal: "SIGTERM" }];
    return { state: put(state, identity, { ...service, runsv, failure: 0 }), effects };
  }
  const isNew = outcome.kind === "startFailed" && service.failure !== outcome.errno;
  const complaints = isNew ? [startFailure(service.name, outcome.errno, outcome.isFork)] : [];
  if (!isWanted) return afterLoss(put(state, identity, null), complaints);
  const later: Service = { ...service, runsv: { kind: "none", startAt: at + restartPause } };
  if (outcome.kind === "entryChanged") return { state: put(state, identity, later), effects: [{ kind: "rescan" }] };
  const next = put(state, identity, { ...later, failure: outcome.errno });
  return { state: outcome.isFork ? { ...next, pausedUntil: at + forkPause } : next, effects: complaints };
}

function startFailure(name: string, errno: number, isFork: boolean): Effect {
  const reason = reasonOf(errno);
  if (isFork) return warning(`unable to fork for ${name}: ${reason}`);
  return { kind: "warn", severity: "fatal", message: `unable to start runsv ${name}: ${reason}` };
}

/** A child has ended: the next runsv of that service follows, or the stop goes on. */
export function exited(state: State, pid: number, end: RunsvEnd, at: number): Step {
  // Nothing is decided any more.
  if (state.phase.kind === "ended") return same(state);
  const identity = find(state.pids, String(pid));
  const service = identity === undefined ? undefined : find(state.services, identity);
  // An adopted orphan: it has been reaped, and that is all.
  if (identity === undefined || service === undefined) return same(state);
  const { runsv, isListed } = service;
  if (state.phase.kind === "supervising" && isListed) {
    const startAt = runsv.kind === "running" ? nextStart(runsv.since, end, at) : at;
    return startDue(same(put(state, identity, { ...service, runsv: { kind: "none", startAt } })), at);
  }
  const isLast = runsv.kind === "leaving" && runsv.isLast;
  // TERM kills a runsv that has no handler for it yet. Then it has not ended its service.
  const isUndone = state.phase.kind === "stopping" && isListed && end !== "success" && end !== "failure" && !isLast;
  return afterLoss(put(state, identity, isUndone ? { ...service, runsv: { kind: "none", startAt: at } } : null), []);
}

/** A runsv that has crashed is replaced at once. */
function nextStart(since: number, end: RunsvEnd, at: number): number {
  if (end === "handedOver") return at;
  if (end === "fault") return at + restartPause;
  return end === "success" ? at + absence : Math.max(at, since + restartPause);
}
