import { isoTime } from "@upkeep/supervise/core/state-json";
import { renderStat, type StatFacts } from "@upkeep/supervise/core/stat";
import { encodeStatus, type RunState } from "@upkeep/supervise/core/status";

import type { Waiting } from "./dependency-graph.ts";
import { memoryOf } from "./memory.ts";
import type { Outcome } from "./policy.ts";
import { notStarted, type End, type Moment } from "./moment.ts";
import { isReady, isSatisfied, isToStartOnce, type LastExit, type Slot } from "./slot.ts";
import type { SupervisorIdentity } from "./trace.ts";

/** The files of a `supervise` directory that follow from the state. */
export interface StatusFiles {
  readonly pid: string;
  readonly stat: string;
  readonly status: Uint8Array;
  readonly "state.json": string;
}

/** What a successor needs to know besides, to go on with what it finds: see docs/supervise-directory.md. */
export interface Here {
  readonly system: string | null;
  /** Inode of the pipe between the service and its log. */
  readonly logPipe: number | null;
  readonly supervisor: SupervisorIdentity | null;
}

/** With this nobody can go on. */
const nowhere: Here = { system: null, logPipe: null, supervisor: null };

/** Version of the schema of `state.json`; see docs/supervise-directory.md. */
const schemaVersion = 1;

/** A process that is about to be started, and all that is known by then. */
export interface Start {
  readonly what: "run" | "finish";
  readonly at: Moment;
  readonly slot: Slot;
}

/**
 * What the `supervise` directory is to say of a slot.
 *
 * A start that is about to come is a field of `state.json` only: a process that is not there yet is nobody's business but
 * a successor's.
 *
 * While the rest of a process group is being ended the service is in `finish`, and its pid is that of
 * the group, which cannot be given to another process as long as anything of it lives.
 */
export function renderStatus(
  slot: Slot,
  service: string,
  here: Here = nowhere,
  start: Start | null = null,
): StatusFiles {
  const { state } = slot;
  const pid = pidOf(slot);
  const facts = factsOf(slot);
  const want = slot.want === "up" ? "up" : "down";
  return {
    pid: pid === 0 ? "" : `${pid}\n`,
    stat: renderStat(facts),
    status: encodeStatus({ ...facts, want, since: state.since, pid }),
    "state.json": `${JSON.stringify(describe(slot, service, here, start))}\n`,
  };
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

function describe(slot: Slot, name: string, here: Here, start: Start | null): Record<string, unknown> {
  const starting = start === null ? null : describeStart(start);
  return { version: schemaVersion, name, ...describeSlot(slot), ...here, starting };
}

function describeStart({ what, at, slot }: Start): Record<string, unknown> {
  const since = isoTime(at.wall);
  return { what, at: Math.floor(at.boot), since, slot: { version: schemaVersion, ...describeSlot(slot) } };
}

function describeSlot(slot: Slot): Record<string, unknown> {
  const { state } = slot;
  const facts = factsOf(slot);
  const pid = pidOf(slot);
  const process = state.kind === "run" || state.kind === "finish" ? state.process : null;
  return {
    state: facts.state,
    since: isoTime(state.since),
    want: facts.want,
    paused: facts.paused,
    gotTerm: facts.gotTerm,
    once: isToStartOnce(slot),
    pid: pid === 0 ? null : pid,
    processGroup: process?.group ?? (state.kind === "leftovers" ? state.group : null),
    startTicks: process?.startTicks ?? null,
    groupAt: state.kind === "leftovers" ? state.groupAt : null,
    starts: slot.starts,
    lastExit: slot.lastExit === null ? null : describeExit(slot.lastExit),
    nextStart:
      state.kind === "down" && slot.want === "up" && state.startsWhen !== null ? isoTime(state.startsWhen) : null,
    ...(slot.name === "service" ? describeService(slot) : {}),
    memory: memoryOf(slot),
  };
}

/** What only the service has, and not its log. */
function describeService(slot: Slot): Record<string, unknown> {
  const { state, settings, outcome } = slot;
  const isDone = outcome?.kind === "done";
  const readySince =
    state.kind === "run" && state.progress.kind === "ready" ? state.progress.since : isDone ? state.since : null;
  return {
    ready: isReady(slot) || isDone,
    readySince: readySince === null ? null : isoTime(readySince),
    readiness: settings.readiness?.kind ?? null,
    satisfied: isSatisfied(slot),
    waitingFor: state.kind === "waiting" ? state.awaited.names : [],
    waitingProblem: state.kind === "waiting" ? describeWaiting(state.awaited) : null,
    failures: settings.policy.limit === null ? 0 : slot.failures.length,
    failed: outcome?.kind === "failed" ? describeFailure(outcome) : null,
    critical: settings.policy.critical !== "no",
  };
}

function describeWaiting({ problem, note }: Waiting): string | null {
  return problem === null || note === null ? (problem ?? note) : `${problem}; ${note}`;
}

function describeFailure({ reason, text, at }: Outcome & { readonly kind: "failed" }): Record<string, unknown> {
  return { reason, text, at: isoTime(at) };
}

function describeExit({ exit, at, ranMillis }: LastExit): Record<string, unknown> {
  const how =
    exit?.kind === "killed"
      ? { code: null, signal: exit.signal, core: exit.core }
      : { code: codeOf(exit), signal: null, core: false };
  return { ...how, at: isoTime(at), ranMillis: Math.round(ranMillis) };
}

/** Null: nobody knows. */
function codeOf(exit: Exclude<End, { readonly kind: "killed" }> | null): number | null {
  return exit?.kind === "unknown" ? null : (exit?.code ?? notStarted);
}

/**
 * What `./finish` is told of the end of `./run`: the code or -1, and the low byte of the wait status. An end that nobody
 * knows is -1 and 0, which stands for nothing else.
 */
export function finishArguments({ exit, group }: LastExit, service: string): readonly string[] {
  const [code, low] = exit?.kind === "killed" ? [-1, exit.signal + (exit.core ? 128 : 0)] : [codeOf(exit) ?? -1, 0];
  return [String(code), String(low), service, group === null ? "" : String(group)];
}
