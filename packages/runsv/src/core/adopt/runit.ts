import { tickMillis } from "@upkeep/linux/core/clock-ticks";
import { isOfStatus, decodeStateJson, isOtherVersion, type StateRecord } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import type { WallTime } from "@upkeep/supervise/core/tai64n";

import { millisBetween, type Moment } from "../moment.ts";
import type { Candidate, Kinship } from "./record.ts";

// What runit's runsv has left that was killed: a status of 20 bytes, and a file `pid`. Neither says when the process was
// started that they name, by a clock that nobody sets. So more must agree here than with a record of ours.

/** What is on record, and when that was written. */
export interface RunitFiles {
  readonly status: StatusRecord;
  /** The text of `pid`. */
  readonly pid: string;
  /** When the inode of `pid` was last changed: nobody can choose that, and a copy of the file is younger. */
  readonly pidChanged: WallTime;
}

/** What is to be known of the process that both files name. */
export interface Sight {
  readonly process: Candidate;
  /** Whether the directory of the slot is its working directory. */
  readonly isInDirectory: boolean;
}

/**
 * Milliseconds by which two times of one start may differ: runit notes it after the fork, which a busy machine may have
 * delayed, and the time of a file is that of the last tick. No pid comes round in that time.
 */
const patience = 1000;

/**
 * Whether it is certain that a process is the one that runit's runsv has started for this slot: the files agree about it,
 * its parent is gone, it was born when they say, and it is in the directory of the slot, or the file that names it was
 * written there at that time. Where the wall clock was set meanwhile, nothing is certain.
 */
export function isLeftByRunit(
  { status, pid, pidChanged }: RunitFiles,
  { process, isInDirectory }: Sight,
  { reapers, others }: Kinship,
  at: Pick<Moment, "wall" | "boot">,
): boolean {
  if (status.state === "down" || status.pid <= 1 || status.pid !== process.pid || pid !== `${status.pid}\n`)
    return false;
  if (!reapers.has(process.parent) || others.has(process.pid)) return false;
  const age = at.boot - process.startTicks * tickMillis;
  const isBornAt = (time: WallTime): boolean => Math.abs(millisBetween(time, at.wall) - age) <= patience;
  const isNamedAtBirth = isBornAt(pidChanged);
  // `status` has the time of ./run also while ./finish runs.
  if (status.state === "finish") return isNamedAtBirth;
  return isBornAt(status.since) && (isInDirectory || isNamedAtBirth);
}

/**
 * Whether `status` may be that of runit's runsv, although there is a `state.json`: that is of another version, or of an
 * earlier state, in which nothing was about to be started.
 *
 * @param state what the text says, where that is known.
 */
export function isOlderThan(
  status: StatusRecord,
  text: string,
  state: StateRecord | null = decodeStateJson(text),
): boolean {
  if (state === null) return isOtherVersion(text);
  return state.starting === null && !isOfStatus(state.slot, status);
}
