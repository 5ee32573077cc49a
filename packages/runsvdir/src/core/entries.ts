import { reasonOf } from "@upkeep/linux/core/errno";

import { startDue } from "./runsv.ts";
import type { Effect } from "./event.ts";
import { planScan, type Identity, type Listed, type Plan } from "./scan.ts";
import { same, termOnce, warning, type Runsv, type Service, type State, type Step } from "./state.ts";

/** A scan is complete: a new entry gets a runsv, and the runsv of an entry that is gone is told to go. */
export function listed(state: State, listing: readonly Listed[], at: number): Step {
  // A stop depends on what runs, not on what is listed.
  if (state.phase.kind !== "supervising") return same(state);
  const table = new Map([...state.services].filter(([, { isListed }]) => isListed).map(([id, { name }]) => [id, name]));
  const plan = planScan({ services: table, failed: state.failed }, listing);
  const services = new Map(state.services);
  const moves = moveReplaced(services, plan);
  const stop = plan.stop.filter((identity) => services.has(identity));
  const start = plan.start.filter(({ identity }) => services.get(identity)?.isListed !== true);
  for (const identity of stop) {
    const leaving = withoutEntry(services.get(identity));
    if (leaving === null) services.delete(identity);
    else services.set(identity, leaving);
  }
  for (const { identity, name } of plan.keep) {
    const service = services.get(identity);
    if (service === undefined) continue;
    const kept = service.name === name ? service : renamed(service, name, at);
    services.set(identity, { ...kept, place: plan.places.get(identity) ?? kept.place });
  }
  for (const { identity, name } of start) {
    const runsv: Runsv = services.get(identity)?.runsv ?? { kind: "none", startAt: at };
    services.set(identity, { name, place: plan.places.get(identity) ?? "", isListed: true, runsv, failure: 0 });
  }
  const warnings = plan.warn.map(({ name, errno }) => warning(`unable to stat ${name}: ${reasonOf(errno)}`));
  const terms = stop.flatMap((identity) => termOnce(state.services.get(identity)?.runsv));
  const effects = [...warnings, ...moves, ...terms];
  return startDue({ state: { ...state, services, failed: plan.failed }, effects }, at);
}

/**
 * A directory that was made anew in its place keeps its runsv, which moves over and carries along what is wanted. A link
 * that leads elsewhere, as after runsvchdir, is another service. Changes `services`.
 */
function moveReplaced(services: Map<Identity, Service>, plan: Plan): readonly Effect[] {
  const successors = new Map(plan.start.map(({ name, identity }) => [name, identity]));
  return plan.stop.flatMap((identity): readonly Effect[] => {
    const service = services.get(identity);
    const next = successors.get(service?.name ?? "");
    if (service?.runsv.kind !== "running" || !service.runsv.follows) return [];
    if (next === undefined || services.has(next) || plan.places.get(next) !== service.place) return [];
    services.delete(identity);
    services.set(next, service);
    return [{ kind: "move", identity: next, pid: service.runsv.pid }];
  });
}

/** A service whose entry is gone, until its runsv is gone as well. Nothing waits for that. */
function withoutEntry(service: Service | undefined): Service | null {
  if (service === undefined || service.runsv.kind === "none") return null;
  const { runsv } = service;
  if (runsv.kind !== "running") return { ...service, isListed: false };
  return { ...service, isListed: false, runsv: { kind: "leaving", pid: runsv.pid, isLast: false } };
}

/** A start may have failed because the name had changed: now it need not wait any longer. */
function renamed(service: Service, name: string, at: number): Service {
  return { ...service, name, runsv: service.runsv.kind === "none" ? { kind: "none", startAt: at } : service.runsv };
}
