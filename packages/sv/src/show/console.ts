import { renderStatus } from "@upkeep/client/core/report";
import { isNormallyDown, type Looking } from "@upkeep/client/look/snapshot";
import type { Service, Supervised } from "@upkeep/client/service/client";
import { type Described, readDetails, usualWait } from "@upkeep/client/service/details";
import { harmless } from "@upkeep/program/core/one-line";
import { writeText } from "@upkeep/program/messages/output";
import type { WallTime } from "@upkeep/supervise/core/tai64n";

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

/** How the words of sv look at services. */
export const looking: Looking = { warn, wait: usualWait };

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
  const facts = {
    nowSeconds: Math.floor(Date.now() / 1000),
    isNormallyDown: isNormallyDown(path, service.label, warn),
    details,
  };
  return renderStatus(name, record, missedSince === null ? facts : { ...facts, missedSince });
}
