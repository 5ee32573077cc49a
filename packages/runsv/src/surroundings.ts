import type { LineOutput } from "@upkeep/log-prefix/output/log-output";
import { withoutTrace } from "@upkeep/program/trace/open-trace";
import { type EnvironmentEntry, inheritedEnvironment } from "@upkeep/linux/exec/environment";
import { processInfo, systemRun } from "@upkeep/linux/process/process-info";
import type { SupervisorIdentity } from "@upkeep/supervise/core/state-json";
import { withoutEvents } from "@upkeep/supervise/parent/events";
import { withoutLastStart } from "@upkeep/supervise/parent/last-start";
import { namedParent, withoutParent } from "@upkeep/supervise/parent/named-parent";
import { withoutServiceDescriptor } from "@upkeep/supervise/parent/service-descriptor";

import type { Surroundings } from "./open.ts";

/** Finds out about this process, once for all engines that live in it. */
export function findSurroundings(standardOutput: LineOutput, standardError: number): Surroundings {
  return {
    environment: environmentOfServices(),
    system: systemRun(),
    supervisor: describeOurselves(),
    standardOutput,
    standardError,
  };
}

/** The environment that we have inherited, without what our parent has told us alone. Throws SystemError. */
export function environmentOfServices(): readonly EnvironmentEntry[] {
  return [withoutTrace, withoutLastStart, withoutServiceDescriptor, withoutEvents, withoutParent].reduce(
    (environment, without) => without(environment),
    inheritedEnvironment(),
  );
}

/** What a successor, or a new parent, must know of this process. */
function describeOurselves(): SupervisorIdentity | null {
  const own = processInfo("self");
  if (own === null) return null;
  const { startTicks, session, group } = own;
  const above = processInfo(own.parent);
  const parent = namedParent() ?? (above === null ? null : `${own.parent} ${above.startTicks}`);
  return { pid: process.pid, startTicks, parent, session, group };
}
