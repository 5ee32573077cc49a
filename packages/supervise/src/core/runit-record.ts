import { isoTime, noDetails, type Memory, type SlotRecord, type StateRecord } from "./state-json.ts";
import type { StatusRecord } from "./status.ts";

// runit's runsv keeps no state.json. This is what a state.json would say that one of ours had left in its place.

/** The process of `./run` or `./finish`. */
export interface FoundProcess {
  readonly pid: number;
  readonly group: number;
  /** In clock ticks since boot. */
  readonly startTicks: number;
}

const noMemory: Memory = {
  failures: [],
  delay: null,
  startAt: null,
  soonestAt: null,
  asked: [],
  lastGroup: null,
  placement: null,
  placing: { next: "session", isProven: false },
};

/**
 * The record of a slot that runit's runsv has supervised.
 *
 * @param process the one that `status` names; null where nothing runs. @param isLog the record of a log has no details.
 */
export function recordOfRunit(
  status: StatusRecord,
  process: FoundProcess | null,
  isLog: boolean,
  supervision: Omit<StateRecord, "slot" | "starting">,
): StateRecord {
  const { since, state, want, paused, gotTerm } = status;
  const slot: SlotRecord = {
    ...noDetails,
    state,
    since: isoTime(since),
    want,
    paused,
    gotTerm,
    once: false,
    pid: process?.pid ?? null,
    processGroup: process?.group ?? null,
    startTicks: process?.startTicks ?? null,
    groupAt: null,
    starts: state === "down" ? 0 : 1,
    satisfied: isLog ? null : false,
    memory: noMemory,
  };
  return { ...supervision, slot, starting: null };
}
