import { tickMillis } from "@upkeep/linux/core/clock-ticks";
import type { RunSettings } from "@upkeep/service-directory/core/run-settings";
import {
  timeOf,
  type Failure,
  type LastEnd,
  type SlotRecord,
  type StateRecord,
} from "@upkeep/supervise/core/state-json";

import { leftoversOf } from "../ending.ts";
import { after, millisBetween, type End, type Moment, type Process } from "../moment.ts";
import type { Outcome } from "../policy.ts";
import { checkBegun, resumeProgress, type Progress } from "../progress.ts";
import { unknownExit, type LastExit, type Running, type Slot, type SlotState } from "../slot.ts";
import type { Handed } from "./handed.ts";
import type { FormerRecord, KnownClaim, Starting } from "./record.ts";

// How a slot goes on with what a former supervisor has left: what that knew, and what it left running.

/** Milliseconds that a start may be put off by something else than a grown pause. */
const otherPause = 5000;

/** The record of a start as the former supervisor would have written it after the start. */
export function asStarted(former: FormerRecord, { what, since }: Starting): FormerRecord {
  if (what === "finish") return former;
  const { status, state } = former;
  const { slot } = state;
  const none = { ready: false, readySince: null, satisfied: false, failed: null };
  const memory = { ...slot.memory, asked: [], placement: slot.memory.placing.next };
  const started = { ...slot, ...none, starts: (slot.starts ?? 0) + 1, memory };
  return { ...former, status: { ...status, state: "run", since }, state: { ...state, slot: started } };
}

/**
 * The slot of a supervisor that replaces a killed one: what is wanted, what has come of it, which failures count, and
 * how long the next start has to wait. Nothing of it runs (yet).
 */
export function remember(slot: Slot, { status, state }: FormerRecord, found: RunSettings, at: Moment): Slot {
  const record = state.slot;
  const { memory } = record;
  const known: Slot = {
    ...slot,
    want: record.want ?? slot.want,
    starts: record.starts ?? 0,
    lastExit: lastExitOf(record.lastExit, memory.lastGroup),
    outcome: status.state === "down" ? outcomeOf(record) : null,
    asked: memory.asked,
    failures: memory.failures.filter((failedAt) => failedAt <= at.monotonic),
    placing: memory.placing,
    leftBehind: record.leftBehind,
    firstReady: record.firstReady,
    delay: memory.delay === null ? null : Math.min(memory.delay, found.policy.delay.max),
  };
  if (status.state !== "down" || slot.state.kind !== "down") return known;
  const latest = at.monotonic + Math.max(found.policy.delay.max, otherPause);
  const startAt = Math.min(memory.startAt ?? at.monotonic, latest);
  const soonestAt = Math.min(memory.soonestAt ?? at.monotonic, startAt);
  // A slot that is wanted down has no next start on record.
  const wait = startAt - at.monotonic;
  const startsWhen = timeOf(record.nextStart) ?? (wait > 0 ? after(at, wait) : null);
  const isOnce = record.once === true;
  return { ...known, state: { ...slot.state, since: status.since, startAt, soonestAt, isOnce, startsWhen } };
}

function outcomeOf({ satisfied, failed }: SlotRecord): Outcome | null {
  return failed === null ? (satisfied === true ? { kind: "done" } : null) : failureOf(failed);
}

function failureOf({ reason, text, at: when }: Failure): Outcome | null {
  const at = timeOf(when);
  if (at === null || (reason !== "restart" && reason !== "restart-limit" && reason !== "finish")) return null;
  return { kind: "failed", reason, text, at };
}

/**
 * The slot of a new supervisor adopts what its predecessor left running. What was wanted stays wanted. Processes that
 * left the process group are nobody's: only a group that the process leads is ended with it.
 *
 * @param slot with what the supervisor remembers of failures, see {@link remember}. @param handed what it was told by its
 * predecessor in the same process. Then its orphans are still our children, and its pipe is open.
 */
export function adopt(
  slot: Slot,
  former: FormerRecord,
  claim: KnownClaim,
  found: RunSettings,
  at: Moment,
  handed: Handed | null = null,
): Slot {
  const { status, state } = former;
  const record = state.slot;
  const { memory } = record;
  const ownsGroup = claim.kind !== "run" || isOwnGroup(claim.process, state);
  const lastGroup = claim.kind === "leftovers" ? claim.group : memory.lastGroup;
  const endsOrphans = found.endsOrphans && handed !== null;
  const settings: RunSettings = { ...found, endsLeftovers: found.endsLeftovers && ownsGroup, endsOrphans };
  const startedAt = at.monotonic - Math.max(0, ageOf(claim, former, at));
  const running: Running = { since: status.since, startedAt, settings };
  const lastExit =
    lastExitOf(record.lastExit, lastGroup) ?? (claim.kind === "run" ? null : unknownExit(at.wall, lastGroup));
  const adopted: Slot = {
    ...slot,
    state: stateOf(claim, former, running, slot.name, at, handed),
    want: record.want === null || record.want === "exit" ? slot.want : record.want,
    starts: record.starts ?? 1,
    lastExit,
    asked: memory.asked,
    outcome: null,
    firstReady: record.firstReady,
    settings: found,
  };
  if (claim.kind !== "run") return adopted;
  const { paused: isPaused, gotTerm } = status;
  const asked = gotTerm ? [...memory.asked, settings.downSignal, "exit" as const] : memory.asked;
  return { ...adopted, isPaused, gotTerm, asked: [...new Set(asked)] };
}

/** Whether a process is in a group that was made for it, or by it. */
function isOwnGroup({ pid, group }: Process, { slot, supervisor }: StateRecord): boolean {
  return group === pid || (slot.memory.placement === "group" && group !== supervisor?.group);
}

function stateOf(
  claim: KnownClaim,
  { status, state }: FormerRecord,
  running: Running,
  name: Slot["name"],
  at: Moment,
  handed: Handed | null,
): SlotState {
  const { timeoutKill, timeoutFinish } = running.settings;
  switch (claim.kind) {
    case "run": {
      // Nobody knows how much of the time is over; it begins anew.
      const isTimed = status.gotTerm && timeoutKill !== null && timeoutKill > 0;
      const killAt = isTimed ? at.monotonic + timeoutKill : Infinity;
      const progress = progressOf(state.slot, running, name, at, handed);
      return {
        kind: "run",
        ...running,
        process: claim.process,
        placement: state.slot.memory.placement,
        killAt,
        progress,
      };
    }
    case "finish": {
      const killAt = timeoutFinish === 0 ? Infinity : at.monotonic + timeoutFinish;
      return { kind: "finish", ...running, process: claim.process, killAt };
    }
    case "leftovers":
      return { ...leftoversOf(claim.group, at), groupAt: claim.groupAt, ...running };
    case "ended":
      return { kind: "ended", ...running, retryAt: at.monotonic };
    default:
      return claim satisfies never;
  }
}

/**
 * Milliseconds since the start of `./run`. Start times of processes are on a clock that never steps; `./finish` started
 * when `./run` was over. Where there is no process the wall clock has to do.
 */
function ageOf(claim: KnownClaim, { status, state }: FormerRecord, at: Moment): number {
  if (claim.kind !== "run" && claim.kind !== "finish") return millisBetween(status.since, at.wall);
  const age = at.boot - claim.process.startTicks * tickMillis;
  return claim.kind === "run" ? age : age + (state.slot.lastExit?.ranMillis ?? 0);
}

/**
 * A ready run stays ready. Otherwise its readiness is found out anew; the pipe by which it would notify us is gone, unless
 * this process has it.
 */
function progressOf(
  record: SlotRecord,
  { settings, startedAt }: Running,
  name: Slot["name"],
  at: Moment,
  handed: Handed | null,
): Progress {
  const since = timeOf(record.readySince);
  if (record.ready === true && since !== null) return { kind: "ready", since };
  const { readiness, policy } = settings;
  const progress = resumeProgress(readiness, name === "service" && policy.restart !== "always", startedAt, at);
  const check = handed?.check ?? null;
  if (progress.kind === "polled" && check !== null) return checkBegun({ ...progress, pollAt: Infinity }, check, at);
  if (progress.kind !== "waiting" || (handed?.notification ?? null) !== null) return progress;
  return { ...progress, why: "runsv was killed, and with it the pipe that it would tell by" };
}

function lastExitOf(end: LastEnd | null, group: number | null): LastExit | null {
  if (end === null) return null;
  return { exit: endOf(end), group, at: timeOf(end.at) ?? { seconds: 0, nanoseconds: 0 }, ranMillis: end.ranMillis };
}

function endOf({ code, signal, core }: LastEnd): End {
  if (signal !== null) return { kind: "killed", signal, core };
  return code === null ? { kind: "unknown" } : { kind: "exited", code };
}
