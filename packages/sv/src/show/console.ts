import { writeText } from "@upkeep/program/messages/output";
import type { StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import { SystemError } from "@upkeep/linux/core/errno";

import { hasDownFile, type Service } from "../service/client.ts";
import { describeFully, type Supervised } from "../service/details.ts";
import { renderStatus } from "../core/report.ts";

/** Says a line of result on stdout, where runit's sv has even its complaints about services. */
export function say(line: string): void {
  writeText(1, `${line}\n`);
}

/** Warns on stderr of what is wrong beside the services asked for. */
export function warn(message: string): void {
  writeText(2, `warning: ${message}\n`);
}

/**
 * The status line of a service as of now. A `down` file that cannot be looked for is warned of, and
 * the line goes without saying what is normal.
 *
 * @param name what the line calls it.
 */
export function describeService(service: Service, found: Supervised, name: string = service.label): string {
  const { path, record, details } = describeFully(service, found);
  return renderNow(name, service, { path, record, details });
}

/** The same line behind the outcome of a command of runit's: it is runit's where there is but a check script. */
export function describeForOutcome(service: Service, found: Supervised): string {
  const { path, record, details } = describeFully(service, found);
  const shown = details.readiness === "check" ? { ...details, readiness: null } : details;
  return renderNow(service.label, service, { path, record, details: shown });
}

interface Shown {
  readonly path: string;
  readonly record: StatusRecord;
  readonly details: StateDetails;
}

function renderNow(name: string, service: Service, { path, record, details }: Shown): string {
  const isNormallyDown = isNormallyDownOrWarn(path, service.label);
  return renderStatus(name, record, { nowSeconds: Math.floor(Date.now() / 1000), isNormallyDown, details });
}

/** Whether there is a `down` file; null, after a warning, when that cannot be told. */
export function isNormallyDownOrWarn(path: string, label: string): boolean | null {
  try {
    return hasDownFile(path, label);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    warn(error.message);
    return null;
  }
}
