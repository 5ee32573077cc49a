import { reasonOf } from "@upkeep/linux/core/errno";

import { startDue } from "./runsv.ts";
import type { Effect } from "./event.ts";
import { planScan, type Listed, type Plan } from "./scan.ts";
import { entriesOf, find } from "./shared-map.ts";
import { put, same, warning, type Runsv, type Service, type State, type Step } from "./state.ts";

/** A scan is complete: a new entry gets a runsv, and the runsv of an entry that is gone is told to go. */
export function listed(state: State, listing: readonly Listed[], at: number): Step {
  // A stop depends on what runs, not on what is listed.
  if (state.phase.kind !== "supervising") return same(state);
  const table = new Map(
    entriesOf(state.services)
      .filter(([, { isListed }]) => isListed)
      .map(([id, { name }]) => [id, name]),
  );
  const plan = planScan({ services: table, failed: state.failed }, listing);
  const moved = moveReplaced(state, plan);
  let next = moved.state;
  const stop = plan.stop.filter((identity) => find(next.services, identity) !== undefined);
  const start = plan.start.filter(({ identity }) => find(next.services, identity)?.isListed !== true);
  for (const identity of stop) next = put(next, identity, leaving(find(next.services, identity)));
  for (const { identity, name } of plan.keep) {
    const service = find(next.services, identity);
    const place = plan.places.get(identity) ?? service?.place;
    if (service === undefined || place === undefined || (service.name === name && service.place === place)) continue;
    next = put(next, identity, { ...(service.name === name ? service : renamed(service, name, at)), place });
  }
  for (const { identity, name } of start) {
    const runsv: Runsv = find(next.services, identity)?.runsv ?? { kind: "none", startAt: at };
    next = put(next, identity, { name, place: plan.places.get(identity) ?? "", isListed: true, runsv, failure: 0 });
  }
  const warnings = plan.warn.map(({ name, errno }) => warning(`unable to stat ${name}: ${reasonOf(errno)}`));
  const terms = stop.flatMap((identity) => term(find(state.services, identity)?.runsv));
  const effects = [...warnings, ...moved.effects, ...terms];
  return startDue({ state: { ...next, failed: plan.failed }, effects }, at);
}

/**
 * A directory that was made anew in its place keeps its runsv, which moves over and carries along what is wanted. A link
 * that leads elsewhere, as after runsvchdir, is another service.
 */
function moveReplaced(before: State, plan: Plan): Step {
  const successors = new Map(plan.start.map(({ name, identity }) => [name, identity]));
  let state = before;
  const effects: Effect[] = [];
  for (const identity of plan.stop) {
    const service = find(state.services, identity);
    const next = successors.get(service?.name ?? "");
    if (service?.runsv.kind !== "running" || !service.runsv.follows) continue;
    if (next === undefined || find(state.services, next) !== undefined) continue;
    if (plan.places.get(next) !== service.place) continue;
    state = put(put(state, identity, null), next, service);
    effects.push({ kind: "move", identity: next, pid: service.runsv.pid });
  }
  return { state, effects };
}

/** A service whose entry is gone, until its runsv is gone as well. Nothing waits for that. */
function leaving(service: Service | undefined): Service | null {
  if (service === undefined || service.runsv.kind === "none") return null;
  const { runsv } = service;
  if (runsv.kind !== "running") return { ...service, isListed: false };
  return { ...service, isListed: false, runsv: { kind: "leaving", pid: runsv.pid, isLast: false } };
}

/**
 * TERM for a runsv that is to leave. It may have had one before: its entry has come back since, and as long as that was
 * there, somebody may have called the runsv back.
 */
function term(runsv: Runsv | undefined): readonly Effect[] {
  if (runsv?.kind !== "running" && runsv?.kind !== "leaving") return [];
  return [{ kind: "signal", pid: runsv.pid, signal: "SIGTERM" }];
}

/** A start may have failed because the name had changed: now it need not wait any longer. */
function renamed(service: Service, name: string, at: number): Service {
  return { ...service, name, runsv: service.runsv.kind === "none" ? { kind: "none", startAt: at } : service.runsv };
}
