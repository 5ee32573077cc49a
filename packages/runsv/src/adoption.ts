import { timeOf, type LastEnd, type StateDetails } from "@upkeep/supervise/state-details";
import type { StatusRecord } from "@upkeep/supervise/status-record";
import type { WallTime } from "@upkeep/supervise/tai64n";

import { leftoversOf } from "./life.ts";
import type { End, Moment, Process } from "./process.ts";
import { beginProgress, type Progress } from "./readiness.ts";
import type { RunSettings } from "./run-settings.ts";
import type { LastExit, Running, Slot } from "./slot.ts";

/** What a supervisor that was killed has left on record of a slot: `status`, and `state.json` of the same state. */
export interface Former {
  readonly record: StatusRecord;
  readonly details: StateDetails;
  readonly trace: Trace;
}

/** What `state.json` says for a successor alone. */
export interface Trace {
  readonly name: string | null;
  /** The run of the system that pids and ticks belong to; see `systemRun` of syscalls. */
  readonly system: string | null;
  /** Inode of the pipe from the service to its log. */
  readonly logPipe: number | null;
  /** Since boot, in ms: when the process group that is being ended was known to be that of `./run`. */
  readonly groupAt: number | null;
}

/** What may still be there of it. */
export type Claim =
  | { readonly kind: "run" | "finish"; readonly process: Process }
  | { readonly kind: "leftovers"; readonly group: number; readonly groupAt: number };

/** Reads the trace in the text of `state.json`; what makes no sense is null. */
export function decodeTrace(text: string): Trace {
  const found = parse(text);
  const textOf = (key: string): string | null => (typeof found[key] === "string" ? found[key] : null);
  const numberOf = (key: string): number | null => (typeof found[key] === "number" ? found[key] : null);
  return {
    name: textOf("name"),
    system: textOf("system"),
    logPipe: numberOf("logPipe"),
    groupAt: numberOf("groupAt"),
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/**
 * What the record lays claim to; null when that is nothing, or the record is of another service or another run of the
 * system. Whether it is still there is to be seen.
 */
export function claimOf({ record, details, trace }: Former, name: string, system: string | null): Claim | null {
  if (system === null || trace.system !== system || trace.name !== name) return null;
  const { processGroup: group, startTicks } = details;
  if (record.state === "down" || !isPid(record.pid) || !isPid(group)) return null;
  if (startTicks !== null) {
    if (!Number.isSafeInteger(startTicks) || startTicks <= 0) return null;
    return { kind: record.state, process: { pid: record.pid, group, startTicks } };
  }
  const { groupAt } = trace;
  if (record.state !== "finish" || record.pid !== group || groupAt === null || !(groupAt > 0)) return null;
  return { kind: "leftovers", group, groupAt };
}

function isPid(value: number | null): value is number {
  return value !== null && Number.isInteger(value) && value > 1 && value <= 2 ** 22;
}

/**
 * The slot of a new supervisor goes on with what has been found to be there.
 *
 * How it came to be wanted so is kept; failures are counted anew, and what left the process group is nobody's: only a
 * group of the process's own is ended with it.
 */
export function adopt(slot: Slot, { record, details }: Former, claim: Claim, found: RunSettings, at: Moment): Slot {
  const group = claim.kind === "leftovers" ? claim.group : claim.process.group;
  const ownsGroup = claim.kind !== "run" || group === claim.process.pid;
  const settings: RunSettings = { ...found, endsLeftovers: found.endsLeftovers && ownsGroup, endsOrphans: false };
  const startedAt = at.monotonic - Math.max(0, millisBetween(record.since, at.wall));
  const running: Running = { since: record.since, startedAt, settings };
  const adopted: Slot = {
    ...slot,
    want: details.want === null || details.want === "exit" ? slot.want : details.want,
    starts: details.starts ?? 1,
    lastExit: lastExitOf(details.lastExit, claim),
    settings: found,
  };
  switch (claim.kind) {
    case "run": {
      const { process } = claim;
      const { timeoutKill, downSignal } = settings;
      // The time that it has had is forgotten, not that it is short.
      const killAt = record.gotTerm && timeoutKill !== null && timeoutKill > 0 ? at.monotonic + timeoutKill : Infinity;
      return {
        ...adopted,
        isPaused: record.paused,
        gotTerm: record.gotTerm,
        asked: record.gotTerm ? [downSignal, "exit"] : [],
        state: { kind: "run", ...running, process, killAt, progress: progressOf(details, running, slot, at) },
      };
    }
    case "finish": {
      const killAt = settings.timeoutFinish === 0 ? Infinity : at.monotonic + settings.timeoutFinish;
      return { ...adopted, state: { kind: "finish", ...running, process: claim.process, killAt } };
    }
    case "leftovers":
      return { ...adopted, state: { ...leftoversOf(claim.group, at), groupAt: claim.groupAt, ...running } };
    default:
      return claim satisfies never;
  }
}

/** A ready one stays ready. Another goes on being looked at; the descriptor by which it would tell is gone. */
function progressOf(details: StateDetails, { settings, startedAt }: Running, { name }: Slot, at: Moment): Progress {
  const since = timeOf(details.readySince);
  if (details.ready === true && since !== null) return { kind: "ready", since };
  const { readiness, policy } = settings;
  if (readiness?.kind === "ready-after") return { kind: "timed", readyAt: startedAt + readiness.millis };
  return beginProgress(readiness, name === "service" && policy.restart !== "always", at);
}

function lastExitOf(end: LastEnd | null, claim: Claim): LastExit | null {
  if (end === null) return null;
  const group = claim.kind === "leftovers" ? claim.group : null;
  return { exit: endOf(end), group, at: timeOf(end.at) ?? { seconds: 0, nanoseconds: 0 }, ranMillis: end.ranMillis };
}

function endOf({ code, signal, core }: LastEnd): End {
  if (signal !== null) return { kind: "killed", signal, core };
  return code === null ? { kind: "unknown" } : { kind: "exited", code };
}

function millisBetween(from: WallTime, to: WallTime): number {
  return Math.round((to.seconds - from.seconds) * 1000 + (to.nanoseconds - from.nanoseconds) / 1e6);
}
