import { harmless } from "@upkeep/program/core/one-line";
import { writeText } from "@upkeep/program/messages/output";
import { SystemError } from "@upkeep/linux/core/errno";
import type { WallTime } from "@upkeep/supervise/core/tai64n";

import { renderStatus } from "../core/report.ts";
import { hasFile, type Service, type Supervised } from "../service/client.ts";
import { type Described, readDetails } from "../service/details.ts";

/**
 * Says a line of result on stdout. Like runit's sv, it says there also what is wrong with a service. Names and texts of
 * others cannot end the line, nor command the terminal.
 */
export function say(line: string): void {
  writeText(1, `${harmless(line)}\n`);
}

/** Warns on stderr of trouble that is not the answer itself. */
export function warn(message: string): void {
  writeText(2, `warning: ${harmless(message)}\n`);
}

/**
 * The status line of a service as of now. Warns of a `down` file that cannot be looked for; the line then does not
 * say what is normal.
 *
 * @param name what the line calls it.
 */
export function describeService(service: Service, found: Supervised, name: string = service.label): string {
  return renderNow(name, service, readDetails(service, found));
}

/**
 * The status line behind the outcome of one of runit's commands: without readiness that only a check script tells.
 *
 * @param missedSince when the commands were sent, if they were to bring the service up and have not.
 */
export function describeForOutcome(service: Service, found: Supervised, missedSince: WallTime | null): string {
  const described = readDetails(service, found);
  const { details } = described;
  const shown = details.readiness === "check" ? { ...details, readiness: null } : details;
  return renderNow(service.label, service, { ...described, details: shown }, missedSince);
}

function renderNow(name: string, service: Service, described: Described, missedSince: WallTime | null = null): string {
  const { path, record, details } = described;
  const isNormallyDown = isNormallyDownOrWarn(path, service.label);
  const facts = { nowSeconds: Math.floor(Date.now() / 1000), isNormallyDown, details };
  return renderStatus(name, record, missedSince === null ? facts : { ...facts, missedSince });
}

/** Whether there is a `down` file; null, after a warning, when that cannot be told. */
export function isNormallyDownOrWarn(path: string, label: string): boolean | null {
  try {
    return hasFile(path, label, "down");
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    warn(error.message);
    return null;
  }
}
