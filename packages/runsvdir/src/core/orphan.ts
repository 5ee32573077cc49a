import type { StateRecord } from "@upkeep/supervise/core/state-json";

/** The runsv that a record names. */
export interface Supervisor {
  readonly pid: number;
  /** In clock ticks since boot. */
  readonly startTicks: number;
  /** The pid of the runsvdir, or whatever it was, that started it. */
  readonly parent: number;
}

/**
 * The runsv that a `state.json` names; null where it does not name one completely, or is of another run of the system.
 *
 * @param system this run; null where that is not known.
 */
export function supervisorOf({ supervisor, ...record }: StateRecord, system: string | null): Supervisor | null {
  if (supervisor === null || system === null || record.system !== system) return null;
  const { pid, startTicks } = supervisor;
  // The pid of the parent, and its start.
  const parent = Number.parseInt(supervisor.parent ?? "", 10);
  return pid === null || startTicks === null || !(parent > 0) ? null : { pid, startTicks, parent };
}

/** Whether a slot is down, and nothing was about to be started. */
export function isAtRest({ slot, starting }: StateRecord): boolean {
  return slot.state === "down" && starting === null;
}
