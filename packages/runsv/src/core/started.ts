import { tickMillis } from "@upkeep/linux/core/clock-ticks";
import type { ProcessInfo } from "@upkeep/linux/process/process-info";

import type { Process } from "./moment.ts";
import type { SlotName } from "./slot.ts";
import type { Starting, SupervisorIdentity } from "./trace.ts";

/** Milliseconds from the record of a start to the process, at most: as long as a busy machine may hold us up. */
const startPatience = 5000;

/** What a start is known by. */
export interface Around {
  /** Whether what is started leads a session of its own. */
  readonly hasSession: boolean;
  /** The one that was killed. */
  readonly supervisor: SupervisorIdentity | null;
  /** Who takes in orphans: process 1, and whoever is above us. */
  readonly reapers: ReadonlySet<number>;
  /** Processes that it cannot be: we, and whoever is above us. */
  readonly others: ReadonlySet<number>;
}

/** A process with its pid. */
export interface Candidate extends ProcessInfo {
  readonly pid: number;
}

/** What it has to do with the service. */
export interface Ties {
  /** Whether its working directory is that of the service, or of the log. */
  readonly isInDirectory: boolean;
  /** Which of its first three descriptors are the log pipe that is on record. */
  readonly onLogPipe: readonly number[];
}

/**
 * Whether a process may be the one that was about to be started: born at that time, with its parent gone, and in a
 * session as it would have been put into.
 */
export function mayBeStarted(one: Candidate, { at, pid }: Starting, around: Around): boolean {
  const { hasSession, supervisor, reapers, others } = around;
  const first = Math.floor(at / tickMillis);
  const last = Math.floor((at + startPatience) / tickMillis);
  const isBorn = one.startTicks >= first && one.startTicks <= last && one.state !== "Z" && one.state !== "X";
  const session = hasSession ? one.pid : (supervisor?.session ?? null);
  const group = hasSession ? one.pid : (supervisor?.group ?? null);
  const isPlaced = one.session === session && one.group === group;
  return isBorn && isPlaced && reapers.has(one.parent) && !others.has(one.pid) && (pid ?? one.pid) === one.pid;
}

/** Whether a process belongs to the service, or to its log. A script may have changed its directory, or its output. */
export function belongs(slot: SlotName, { isInDirectory, onLogPipe }: Ties): boolean {
  if (isInDirectory) return true;
  return slot === "log" ? onLogPipe.includes(0) : !onLogPipe.includes(0) && onLogPipe.length > 0;
}

/** The only one; of several nobody knows which, and none is touched. */
export function theOnly(candidates: readonly Candidate[]): Process | null {
  const [one] = candidates;
  if (one === undefined || candidates.length > 1) return null;
  return { pid: one.pid, group: one.group, startTicks: one.startTicks };
}
