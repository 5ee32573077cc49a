import { tickMillis } from "@upkeep/linux/core/clock-ticks";
import type { ProcessInfo } from "@upkeep/linux/process/process-info";
import {
  decodeStateJson,
  isOfStatus,
  statusOf,
  timeOf,
  type SlotRecord,
  type StartRecord,
  type StateRecord,
  type SupervisorIdentity,
} from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import type { WallTime } from "@upkeep/supervise/core/tai64n";

import type { Process } from "../moment.ts";
import type { SlotName } from "../slot.ts";

// What a former supervisor, which was killed, has left on record of a slot, and what that record proves.

/** Both files of a slot, of one state. */
export interface FormerRecord {
  readonly status: StatusRecord;
  readonly state: StateRecord;
  /** What the former supervisor was about to start; both files are then of that moment. */
  readonly starting: Starting | null;
}

/** A start that is on record, of which nobody knows whether there is a process. */
export interface Starting {
  readonly what: "run" | "finish";
  /** Since boot, in ms: the process cannot be older. */
  readonly at: number;
  readonly since: WallTime;
  /** Its pid, where `status` tells it already. */
  readonly pid: number | null;
}

/**
 * Reads both files; null when they make no sense.
 *
 * A supervisor writes `status` first. Where `status` is of a later state, the supervisor was killed between the two
 * files. Then `state.json` counts, since it alone proves which process is on record; but that the slot was down counts
 * only where both files say so.
 *
 * @param state what the text says, where that is known.
 */
export function decodeFormer(
  text: string,
  status: StatusRecord,
  state: StateRecord | null = decodeStateJson(text),
): FormerRecord | null {
  if (state === null) return null;
  const isSame = isOfStatus(state.slot, status);
  const later = !isSame && status.pid > 0 ? status : null;
  const start = state.starting === null ? null : startOf(state.starting, state, later);
  if (start !== null) return start;
  if (isSame) return { status, state: { ...state, slot: wantedBy(status, state.slot) }, starting: null };
  const own = statusOf(state.slot);
  return own === null || own.state === "down" ? null : { status: own, state, starting: null };
}

/** @param later what `status` says of a later state; null where it does not. */
function startOf(
  { what, at, since, slot }: StartRecord,
  state: StateRecord,
  later: StatusRecord | null,
): FormerRecord | null {
  const then = timeOf(since);
  const status = statusOf(slot);
  if (then === null || status === null || status.state !== (what === "run" ? "down" : "finish")) return null;
  const started = later?.state === what ? later : null;
  const starting = { what, at, since: then, pid: started?.pid ?? null };
  return { status, state: { ...state, slot: wantedBy(started ?? status, slot) }, starting };
}

/** `status` is written first and so counts, also where both are of the same state; but it does not know "exit". */
function wantedBy({ want }: StatusRecord, slot: SlotRecord): SlotRecord {
  return { ...slot, want: want === "up" || slot.want === "up" ? want : slot.want };
}

/** By what a service knows its own records. */
export type ServiceIdentity = Pick<StateRecord, "name" | "superviseDirectory">;

/**
 * Whether the record is of this service, and of this run of the system. A service that has been renamed is the same one. A
 * copy of its directory, with the record in it, is another one.
 */
export function isOf({ state }: FormerRecord, service: ServiceIdentity, system: string | null): boolean {
  const { name, superviseDirectory } = service;
  const isSame = state.superviseDirectory === superviseDirectory && superviseDirectory !== null;
  return system !== null && state.system === system && (isSame || state.name === name);
}

/** What the record says may still be there. */
export type Claim =
  | { readonly kind: "run" | "finish"; readonly process: Process }
  | { readonly kind: "leftovers"; readonly group: number; readonly groupAt: number }
  /** `./run` has ended, and `./finish` comes next. */
  | { readonly kind: "ended" }
  /** A process that may have been started, and has to be searched for. */
  | { readonly kind: "starting"; readonly starting: Starting };

/** A claim that names its process, if it is about one. */
export type KnownClaim = Exclude<Claim, { readonly kind: "starting" }>;

/**
 * The claim of a record; null when it has none, or is of another service or another run of the system. Whether the
 * process is still there is another question.
 */
export function claimOf(former: FormerRecord, service: ServiceIdentity, system: string | null): Claim | null {
  const { status, state, starting } = former;
  if (!isOf(former, service, system)) return null;
  if (starting !== null) return { kind: "starting", starting };
  if (status.state === "finish" && status.pid === 0) return { kind: "ended" };
  const { processGroup: group, startTicks, groupAt } = state.slot;
  if (status.state === "down" || !isPid(status.pid) || !isPid(group)) return null;
  if (startTicks !== null) {
    if (!Number.isSafeInteger(startTicks) || startTicks <= 0) return null;
    return { kind: status.state, process: { pid: status.pid, group, startTicks } };
  }
  if (status.state !== "finish" || status.pid !== group || groupAt === null || !(groupAt > 0)) return null;
  return { kind: "leftovers", group, groupAt };
}

function isPid(value: number | null): value is number {
  return value !== null && Number.isInteger(value) && value > 1 && value <= 2 ** 22;
}

/** The process that a supervisor lives in, and its parent, each by pid and start; null where it cannot be told. */
export interface Kin {
  readonly self: string | null;
  readonly parent: string | null;
  /** Whether that process has been executed anew: then the former supervisor lived in it as well. */
  readonly isRenewed?: boolean;
}

/**
 * Whether the new supervisor replaces the former one, and so remembers what that knew. It does where both have the same
 * parent, or one lives in the parent of the other, as under `runsvdir --inline`; and the former one was not told to end.
 * Otherwise everything around it was started anew as well. A process that was executed anew goes on with all.
 */
export function isReplacement({ state }: FormerRecord, { self, parent, isRenewed = false }: Kin): boolean {
  const { want } = state.slot;
  const former = state.supervisor;
  if (former === null) return false;
  const formerSelf = former.pid === null ? null : `${former.pid} ${former.startTicks}`;
  if (isRenewed && self !== null && formerSelf === self) return true;
  if (want !== "up" && want !== "down") return false;
  if (parent !== null && (former.parent === parent || formerSelf === parent)) return true;
  return self !== null && (former.parent === self || formerSelf === self);
}

/**
 * Which slots are replaced. The log never is where the service is not; where there is no record of the service, the
 * record of the log decides.
 */
export function whatIsReplaced(
  service: FormerRecord | null,
  log: FormerRecord | null,
  kin: Kin,
): { readonly service: boolean; readonly log: boolean } {
  const isReplaced = service !== null && isReplacement(service, kin);
  const isLogReplaced = log !== null && isReplacement(log, kin) && (service === null || isReplaced);
  return { service: isReplaced, log: isLogReplaced };
}

/** Milliseconds from the record of a start to its process, at most: as long as a busy machine may hold us up. */
const startPatience = 5000;

/** A process that may be the one that was about to be started. */
export interface Candidate extends ProcessInfo {
  readonly pid: number;
}

/** How a process that was about to be started is recognized. */
export interface StartMarks extends Kinship {
  /** Whether it has a process group of its own. */
  readonly hasSession: boolean;
  /** The supervisor that was killed. */
  readonly supervisor: SupervisorIdentity | null;
}

/** Whose an orphan is, and who it is not. */
export interface Kinship {
  /** Who takes in orphans: process 1, and our ancestors. */
  readonly reapers: ReadonlySet<number>;
  /** Processes that it cannot be: ourselves and our ancestors. */
  readonly others: ReadonlySet<number>;
}

/** Whether a process was born at the time of the start, is an orphan, and is where it would be. */
export function mayBeStarted(one: Candidate, { at, pid }: Starting, marks: StartMarks): boolean {
  const { hasSession, supervisor, reapers, others } = marks;
  const first = Math.floor(at / tickMillis);
  const last = Math.floor((at + startPatience) / tickMillis);
  const isBorn = one.startTicks >= first && one.startTicks <= last && one.state !== "Z" && one.state !== "X";
  const isOurs = one.session === supervisor?.session && one.group === supervisor.group;
  const isLeader = one.session === one.pid && one.group === one.pid;
  // In a group that it does not lead, as long as it has not made its own.
  const isMember = one.session === supervisor?.session && one.group !== supervisor.group;
  const isPlaced = hasSession ? isLeader || isMember : isOurs;
  return isBorn && isPlaced && reapers.has(one.parent) && !others.has(one.pid) && (pid ?? one.pid) === one.pid;
}

/**
 * Whether a process belongs to a slot. A script may have changed its directory, or where its output goes; not both.
 *
 * @param onLogPipe which of its first three descriptors are the log pipe that is on record.
 */
export function belongs(slot: SlotName, isInDirectory: boolean, onLogPipe: readonly number[]): boolean {
  if (isInDirectory) return true;
  return slot === "log" ? onLogPipe.includes(0) : !onLogPipe.includes(0) && onLogPipe.length > 0;
}

/** The one candidate. Of several nobody knows which it is, and all are left alone. */
export function theOnly(candidates: readonly Candidate[]): Process | null {
  const [one] = candidates;
  if (one === undefined || candidates.length > 1) return null;
  return { pid: one.pid, group: one.group, startTicks: one.startTicks };
}
