import { reasonOf } from "@upkeep/linux/core/errno";

import { startDue } from "./runsv.ts";
import { planScan, type Listed } from "./scan.ts";
import { same, termOnce, warning, type Runsv, type Service, type State, type Step } from "./state.ts";

/** A scan is complete: a new entry gets a runsv, and the runsv of an entry that is gone is told to go. */
export function listed(state: State, listing: readonly Listed[], at: number): Step {
  // A stop depends on what runs, not on what is listed.
  if (state.phase.kind !== "supervising") return same(state);
  const table = new Map([...state.services].filter(([, { isListed }]) => isListed).map(([id, { name }]) => [id, name]));
  const plan = planScan({ services: table, failed: state.failed }, listing);
  const services = new Map(state.services);
  for (const identity of plan.stop) {
    const leaving = withoutEntry(services.get(identity));
    if (leaving === null) services.delete(identity);
    else services.set(identity, leaving);
  }
  for (const { identity, name } of plan.keep) {
    const service = services.get(identity);
    if (service !== undefined && service.name !== name) services.set(identity, renamed(service, name, at));
  }
  for (const { identity, name } of plan.start) {
    const runsv: Runsv = services.get(identity)?.runsv ?? { kind: "none", startAt: at };
    services.set(identity, { name, isListed: true, runsv, failure: 0 });
  }
  const warnings = plan.warn.map(({ name, errno }) => warning(`unable to stat ${name}: ${reasonOf(errno)}`));
  const terms = plan.stop.flatMap((identity) => termOnce(state.services.get(identity)?.runsv));
  return startDue({ state: { ...state, services, failed: plan.failed }, effects: [...warnings, ...terms] }, at);
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
