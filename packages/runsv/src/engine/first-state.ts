import type { Inheritance, Inheritances } from "../adopt/find.ts";
import type { Handed } from "../core/adopt/handed.ts";
import { adopt, remember } from "../core/adopt/resume.ts";
import type { Moment } from "../core/moment.ts";
import type { Slot } from "../core/slot.ts";
import { initialState, type State } from "../core/supervisor.ts";
import type { LockedSide, Sides } from "./sides.ts";

/**
 * The state in which an engine begins: that of a new service, or what a former supervisor has left.
 *
 * @param isToEnd whether it is to end at once. @param handed what the engine before it has told, in the same process.
 */
export function firstState(
  { service, log }: Sides,
  inherited: Inheritances,
  at: Moment,
  isToEnd: boolean,
  handed: Handed | null,
): State {
  const wants = { service: service.wants, log: log === null ? null : isToEnd ? "down" : log.wants } as const;
  const fresh = initialState(wants, at, service.settings);
  return {
    ...fresh,
    service: resume(fresh.service, inherited.service, service, at, handed),
    log: fresh.log === null || log === null ? null : resume(fresh.log, inherited.log, log, at, null),
  };
}

function resume(
  slot: Slot,
  inheritance: Inheritance | null,
  { settings }: LockedSide,
  at: Moment,
  handed: Handed | null,
): Slot {
  if (inheritance === null) return slot;
  const { former, claim, isReplaced } = inheritance;
  const known = isReplaced ? remember(slot, former, settings, at) : slot;
  return claim === null ? known : adopt(known, former, claim, settings, at, handed);
}
