import { version } from "@upkeep/program/core/version";
import { createDiagnostics } from "@upkeep/program/messages/diagnostics";
import { createRenewing, type Handed, type Renewing } from "@upkeep/program/process/renewal";
import { traceDescriptor } from "@upkeep/program/trace/open-trace";
import { settleIn } from "@upkeep/linux/exec/renewal";
import { eventsDescriptor, type SupervisionEvent } from "@upkeep/supervise/parent/events";
import { serviceDescriptorEntry, withoutServiceDescriptor } from "@upkeep/supervise/parent/service-descriptor";

import type { Supervisor } from "./open.ts";

/** The renewal of a runsv process. */
export interface SelfRenewal extends Renewing {
  /** Everything has been taken over from the program before, if there was one, which the parent is told. */
  settle(): void;
}

export interface SelfRenewalPorts {
  readonly name: string;
  /** The service directory, as the command line gives it. */
  readonly directory: string;
  readonly handed: Handed | null;
  readonly engine: Supervisor;
  readonly tell: ((event: SupervisionEvent) => void) | null;
}

export function createSelfRenewal({ name, directory, handed, engine, tell }: SelfRenewalPorts): SelfRenewal {
  const say = createDiagnostics(`runsv ${directory}`);
  const report = (before: string, problem: string | null): void => {
    const renewal = { program: `runsv ${name}`, pid: process.pid, before, version, problem };
    tell?.({ event: "renewed", service: name, directory, code: null, signal: null, critical: false, renewal });
  };
  const renewing = createRenewing({
    name: "runsv",
    underWay: () => engine.underWay(),
    describe: () => engine.handOver(),
    keeps: () => [eventsDescriptor(), traceDescriptor(), engine.directory()],
    // The directory may have been replaced since, or be gone from its path.
    environment: (inherited) => [...withoutServiceDescriptor(inherited), serviceDescriptorEntry(engine.directory())],
    onRefused: (problem) => {
      say.warning(`unable to renew: ${problem}`);
      report(version, problem);
    },
  });
  return {
    ...renewing,
    settle: () => {
      if (handed === null) return;
      settleIn();
      report(handed.version, null);
    },
  };
}
