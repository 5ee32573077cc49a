import { renderTrouble } from "@upkeep/client/core/report";
import { isMissing, logServiceOf, probe, type Service, troubleOf } from "@upkeep/client/service/client";
import { SystemError } from "@upkeep/linux/core/errno";

import { describeService, say } from "./console.ts";

/** How `status` went for one service. */
export interface Shown {
  readonly failures: number;
  /** The exit code of an init script's `status`. */
  readonly lsbCode: number;
}

/**
 * The exit codes that the LSB gives `status`. Its "dead" (1) stands for a service without a supervisor.
 * Source: runit 2.1.2, observed.
 */
const lsb = { running: 0, dead: 1, down: 3, unknown: 4 } as const;

/** Prints the status of a service and of its log service, on one line. */
export function showStatus(service: Service): Shown {
  const found = probe(service);
  if (found.kind !== "supervised") {
    say(renderTrouble(service.label, troubleOf(found)));
    return { failures: 1, lsbCode: found.kind === "unusable" ? lsb.unknown : lsb.dead };
  }
  const { path, record } = found;
  const own = describeService(service, found);
  const log = describeLog(logServiceOf(service.label, path));
  say(log === null ? own : `${own}; ${log.text}`);
  // runit 2.1.2 gives the log's code; 2.3.0 the service's, as everybody expects.
  return { failures: log?.isFailure === true ? 1 : 0, lsbCode: record.pid === 0 ? lsb.down : lsb.running };
}

interface LogPart {
  readonly text: string;
  readonly isFailure: boolean;
}

/** The part on the log service; null when there is none. */
function describeLog(service: Service): LogPart | null {
  const found = probe(service);
  if (found.kind === "supervised") return { text: describeService(service, found, "log"), isFailure: false };
  if (isMissing(found)) return null;
  const trouble =
    found.kind === "no directory"
      ? { severity: "warning" as const, message: new SystemError("change directory", found.errno).message }
      : troubleOf(found);
  return { text: renderTrouble(service.label, trouble), isFailure: true };
}
