import { containerPlan } from "./container.ts";
import { openrcPlan } from "./openrc.ts";
import type { Plan, Request } from "./request.ts";
import { systemdPlan } from "./systemd.ts";
import { sysvPlan } from "./sysv.ts";

/** Makes the plan. Throws a `PlanError` if the host cannot be told that. */
export function planFor(request: Request): Plan {
  switch (request.host) {
    case "systemd":
      return systemdPlan(request);
    case "openrc":
      return openrcPlan(request);
    case "sysv":
      return sysvPlan(request);
    case "container":
      return containerPlan(request);
  }
}
