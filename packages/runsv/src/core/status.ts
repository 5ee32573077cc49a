import { renderStat, type StatFacts } from "@upkeep/supervise/core/stat";
import {
  encodeStateJson,
  isoTime,
  noServiceDetails,
  type Failure,
  type LastEnd,
  type Memory,
  type ServiceDetails,
  type SlotRecord,
  type StartRecord,
  type SupervisorIdentity,
} from "@upkeep/supervise/core/state-json";
import { encodeStatus, type RunState } from "@upkeep/supervise/core/status";

import type { Waiting } from "./dependency-graph.ts";
import { notStarted, type End, type Moment } from "./moment.ts";
import type { Outcome } from "./policy.ts";
import { isReady, isSatisfied, isToStartOnce, type LastExit, type Slot } from "./slot.ts";

/** The files of a `supervise` directory that follow from the state. */
export interface StatusFiles {
  readonly pid: string;
  readonly stat: string;
  readonly status: Uint8Array;
  readonly "state.json": string;
}

/** What is the same for the life of a supervisor, and what its successor needs to adopt what it leaves running. */
export interface Supervision {
  /** The run of the system; null where it is not known. */
  readonly system: string | null;
  /** Device and inode of the service's supervise directory; null where they are not known. */
  readonly superviseDirectory: string | null;
  /** Inode of the pipe between the service and its log. */
  readonly logPipe: number | null;
  readonly supervisor: SupervisorIdentity | null;
}

/** A process that is about to be started, and the slot as it is then. */
export interface Start {
  readonly what: "run" | "finish";
  readonly at: Moment;
  readonly slot: Slot;
}

const unknown: Supervision = { system: null, superviseDirectory: null, logPipe: null, supervisor: null };

/**
 * What the `supervise` directory says of a slot.
 *
 * A start that is about to come shows in `state.json` only: nobody but a successor needs to know of a process that does
 * not exist yet. While leftovers are being ended the service is in `finish`, and its pid is that of their group, which no
 * other process can get as long as the group has a member.
 *
 * @param name the service's. @param start null where none is about to come.
 */
export function renderStatus(
  slot: Slot,
  name: string,
  supervision: Supervision = unknown,
  start: Start | null = null,
): StatusFiles {
  const pid = pidOf(slot);
  return {
    pid: pid === 0 ? "" : `${pid}\n`,
    stat: renderStat(factsOf(slot)),
    status: renderStatusRecord(slot),
    "state.json": renderStateJson(slot, name, supervision, start),
  };
}

/** The 20 bytes of `status` alone, see {@link renderStatus}. */
export function renderStatusRecord(slot: Slot): Uint8Array {
  const want = slot.want === "up" ? "up" : "down";
  return encodeStatus({ ...factsOf(slot), want, since: slot.state.since, pid: pidOf(slot) });
}

/** `state.json` alone, see {@link renderStatus}. */
export function renderStateJson(slot: Slot, name: string, supervision: Supervision, start: Start | null): string {
  const starting = start === null ? null : startRecordOf(start);
  return encodeStateJson({ name, slot: slotRecordOf(slot), ...supervision, starting });
}

/**
 * Whether nobody misses it if the files of a slot are written a little later: it has only been told to end since they were
 * written. When it ends, there is more to write.
 */
export function mayWait(slot: Slot, written: Slot): boolean {
  const [now, then] = [slot.state, written.state];
  return slot.gotTerm && now.kind === "run" && then.kind === "run" && now.process.pid === then.process.pid;
}

function factsOf(slot: Slot): StatFacts {
  return { state: runStateOf(slot), paused: slot.isPaused, gotTerm: slot.gotTerm, want: slot.want };
}

function runStateOf({ state }: Slot): RunState {
  switch (state.kind) {
    case "down":
    case "waiting":
    case "starting":
      return "down";
    case "run":
      return "run";
    case "leftovers":
    case "ended":
    case "finish":
      return "finish";
    default:
      return state satisfies never;
  }
}

function pidOf({ state }: Slot): number {
  if (state.kind === "run" || state.kind === "finish") return state.process.pid;
  return state.kind === "leftovers" ? state.group : 0;
}

function startRecordOf({ what, at, slot }: Start): StartRecord {
  return { what, at: Math.floor(at.boot), since: isoTime(at.wall), slot: slotRecordOf(slot) };
}

function slotRecordOf(slot: Slot): SlotRecord {
  const { state } = slot;
  const pid = pidOf(slot);
  const process = state.kind === "run" || state.kind === "finish" ? state.process : null;
  return {
    ...factsOf(slot),
    since: isoTime(state.since),
    once: isToStartOnce(slot),
    pid: pid === 0 ? null : pid,
    processGroup: process?.group ?? (state.kind === "leftovers" ? state.group : null),
    startTicks: process?.startTicks ?? null,
    groupAt: state.kind === "leftovers" ? state.groupAt : null,
    starts: slot.starts,
    lastExit: slot.lastExit === null ? null : lastEndOf(slot.lastExit),
    nextStart:
      state.kind === "down" && slot.want === "up" && state.startsWhen !== null ? isoTime(state.startsWhen) : null,
    ...(slot.name === "service" ? serviceDetailsOf(slot) : noServiceDetails),
    memory: memoryOf(slot),
  };
}

function serviceDetailsOf(slot: Slot): ServiceDetails {
  const { state, settings, outcome } = slot;
  const isDone = outcome?.kind === "done";
  const readySince =
    state.kind === "run" && state.progress.kind === "ready" ? state.progress.since : isDone ? state.since : null;
  return {
    ready: isReady(slot) || isDone,
    readySince: readySince === null ? null : isoTime(readySince),
    firstReady: slot.firstReady,
    readiness: settings.readiness?.kind ?? null,
    satisfied: isSatisfied(slot),
    waitingFor: state.kind === "waiting" ? state.awaited.names : [],
    waitingProblem: state.kind === "waiting" ? describeWaiting(state.awaited) : null,
    failures: settings.policy.limit === null ? 0 : slot.failures.length,
    failed: outcome?.kind === "failed" ? failureOf(outcome) : null,
    critical: settings.policy.critical !== "no",
    leftBehind: slot.leftBehind,
  };
}

function describeWaiting({ problem, note }: Waiting): string | null {
  return problem === null || note === null ? (problem ?? note) : `${problem}; ${note}`;
}

function failureOf({ reason, text, at }: Outcome & { readonly kind: "failed" }): Failure {
  return { reason, text, at: isoTime(at) };
}

/** An end as the files have it. */
export function lastEndOf({ exit, at, ranMillis }: LastExit): LastEnd {
  const how =
    exit?.kind === "killed"
      ? { code: null, signal: exit.signal, core: exit.core }
      : { code: codeOf(exit), signal: null, core: false };
  return { ...how, at: isoTime(at), ranMillis: Math.round(ranMillis) };
}

/** Null: the code is unknown. */
function codeOf(exit: Exclude<End, { readonly kind: "killed" }> | null): number | null {
  return exit?.kind === "unknown" ? null : (exit?.code ?? notStarted);
}

function memoryOf({ state, failures, delay, asked, lastExit, placing }: Slot): Memory {
  const isDown = state.kind === "down";
  return {
    failures: failures.map(Math.round),
    delay,
    startAt: isDown ? Math.round(state.startAt) : null,
    soonestAt: isDown ? Math.round(state.soonestAt) : null,
    asked,
    lastGroup: lastExit?.group ?? null,
    placement: state.kind === "run" ? state.placement : null,
    placing,
  };
}

/**
 * What `./finish` is told of the end of `./run`: the code or -1, and the low byte of the wait status. An unknown end is
 * -1 and 0, which stand for nothing else.
 */
export function finishArguments({ exit, group }: LastExit, service: string): readonly string[] {
  const [code, low] = exit?.kind === "killed" ? [-1, exit.signal + (exit.core ? 128 : 0)] : [codeOf(exit) ?? -1, 0];
  return [String(code), String(low), service, group === null ? "" : String(group)];
}
