import type { Probe, Service, Supervised } from "@upkeep/client/service/client";
import { noDetails } from "@upkeep/supervise/core/state-json";

import { type Confirmation, needsDetails, type Observation, step, type Target, type Wait } from "../core/wait.ts";
import type { Ports } from "./ports.ts";

/** A service whose directory has a path. */
export type Located = Service & { readonly path: string };

/** How a wait has ended, and what was found last. */
export interface Ending {
  readonly outcome: "reached" | "failed" | "timeout";
  readonly found: Probe;
}

/** Observes a service until the wait for it has ended. */
export async function waitFor(service: Located, wait: Wait, ports: Ports): Promise<Ending> {
  const passes = ports.checkScript(service.path, service.label);
  let watch = ports.watch(service.path);
  try {
    for (let state = wait, hasChanged = false; ;) {
      const now = ports.monotonicMillis();
      const found = ports.probe(service);
      const supervised = found.kind === "supervised" ? withDetails(found, wait.target, ports) : null;
      const { isWatching } = watch;
      const done = step(state, { now, wallMillis: ports.wallMillis(), hasChanged, isWatching, supervised });
      ({ state } = done);
      let { next } = done;
      if (next.kind === "confirm") {
        const confirmed = await confirm(service, found, next, async () => await passes(wait.deadline), ports);
        if (confirmed !== null) return { outcome: "reached", found: confirmed };
        next = next.otherwise;
      }
      if (next.kind === "end") return { outcome: next.outcome, found };
      if (found.kind !== "supervised") {
        // The directory may have been made only now, or anew.
        watch.close();
        watch = ports.watch(service.path);
        if (ports.probe(service).kind === "supervised") continue;
      }
      const left = Math.max(wait.deadline - ports.monotonicMillis(), 0);
      hasChanged = await watch.change(Math.ceil(Math.min(next.millis, left)));
    }
  } finally {
    watch.close();
  }
}

function withDetails(found: Supervised, target: Target, ports: Ports): Observation["supervised"] {
  const details = needsDetails(target) ? ports.tryReadDetails(found) : noDetails;
  return { record: found.record, details };
}

/** The service as it is then; null when the check script fails, or the process is another one. */
async function confirm(
  service: Service,
  found: Probe,
  { needsCheck }: Confirmation,
  passes: () => Promise<boolean>,
  ports: Ports,
): Promise<Supervised | null> {
  if (needsCheck && !(await passes())) return null;
  const after = ports.probe(service);
  const isSame = after.kind === "supervised" && found.kind === "supervised" && after.record.pid === found.record.pid;
  return isSame ? after : null;
}
