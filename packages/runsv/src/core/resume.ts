import type { RunSettings } from "@upkeep/service-directory/core/run-settings";
import { timeOf, type LastEnd, type StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import type { WallTime } from "@upkeep/supervise/core/tai64n";
import { tickMillis } from "@upkeep/linux/core/clock-ticks";

import { leftoversOf } from "./ending.ts";
import type { End, Moment, Process } from "./moment.ts";
import { resumeProgress, type Progress } from "./progress.ts";
import { unknownExit, type LastExit, type Running, type Slot } from "./slot.ts";
import type { Former, Starting } from "./trace.ts";

/** What may still be there of it. */
export type Claim =
  | { readonly kind: "run" | "finish"; readonly process: Process }
  | { readonly kind: "leftovers"; readonly group: number; readonly groupAt: number }
  /** `./run` has ended, and `./finish` comes next. */
  | { readonly kind: "ended" };

/** A process that is to be looked for, as it is not known whether there is one. */
export interface Search {
  readonly kind: "starting";
  readonly starting: Starting;
}

/** Whether the record is of this service, and of this run of the system. */
export function isOf({ trace }: Former, name: string, system: string | null): boolean {
  return system !== null && trace.system === system && trace.name === name;
}

/** What became of a start, as the supervisor would have put it on record. */
export function asStarted(former: Former, { what, since }: Starting): Former {
  if (what === "finish") return former;
  const { record, details, trace } = former;
  const starts = (details.starts ?? 0) + 1;
  return {
    ...former,
    record: { ...record, state: "run", since },
    trace: { ...trace, memory: { ...trace.memory, asked: [] } },
    details: { ...details, starts, ready: false, readySince: null, satisfied: false, failed: null },
  };
}

/**
 * What the record lays claim to; null when that is nothing, or the record is of another service or another run of the
 * system. Whether it is still there is to be seen.
 */
export function claimOf(former: Former, name: string, system: string | null): Claim | Search | null {
  const { record, details, trace, starting } = former;
  if (!isOf(former, name, system)) return null;
  if (starting !== null) return { kind: "starting", starting };
  if (record.state === "finish" && record.pid === 0) return { kind: "ended" };
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
 * How it came to be wanted so is kept, and what left the process group is nobody's: only a group of the process's own is
 * ended with it.
 *
 * @param slot with what is remembered of failures; see memory.ts.
 */
export function adopt(
  slot: Slot,
  { record, details, trace }: Former,
  claim: Claim,
  found: RunSettings,
  at: Moment,
): Slot {
  const ownsGroup = claim.kind !== "run" || claim.process.group === claim.process.pid;
  const lastGroup = claim.kind === "leftovers" ? claim.group : trace.memory.lastGroup;
  const settings: RunSettings = { ...found, endsLeftovers: found.endsLeftovers && ownsGroup, endsOrphans: false };
  const startedAt = at.monotonic - Math.max(0, ageOf(claim, record, details, at));
  const running: Running = { since: record.since, startedAt, settings };
  const adopted: Slot = {
    ...slot,
    want: details.want === null || details.want === "exit" ? slot.want : details.want,
    starts: details.starts ?? 1,
    lastExit:
      lastExitOf(details.lastExit, lastGroup) ?? (claim.kind === "run" ? null : unknownExit(at.wall, lastGroup)),
    asked: trace.memory.asked,
    outcome: null,
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
        asked: [...new Set([...trace.memory.asked, ...(record.gotTerm ? [downSignal, "exit" as const] : [])])],
        state: { kind: "run", ...running, process, killAt, progress: progressOf(details, running, slot, at) },
      };
    }
    case "finish": {
      const killAt = settings.timeoutFinish === 0 ? Infinity : at.monotonic + settings.timeoutFinish;
      return { ...adopted, state: { kind: "finish", ...running, process: claim.process, killAt } };
    }
    case "leftovers":
      return { ...adopted, state: { ...leftoversOf(claim.group, at), groupAt: claim.groupAt, ...running } };
    case "ended":
      return { ...adopted, state: { kind: "ended", ...running, retryAt: at.monotonic } };
    default:
      return claim satisfies never;
  }
}

/**
 * Milliseconds since the start of `./run`. The clock of start times is not stepped; a `./finish` comes when `./run` is over.
 * Where there is no process there is the wall clock.
 */
function ageOf(claim: Claim, { since }: StatusRecord, { lastExit }: StateDetails, at: Moment): number {
  if (claim.kind !== "run" && claim.kind !== "finish") return millisBetween(since, at.wall);
  const age = at.boot - claim.process.startTicks * tickMillis;
  return claim.kind === "run" ? age : age + (lastExit?.ranMillis ?? 0);
}

/** A ready one stays ready. Another goes on being looked at; the descriptor by which it would tell is gone. */
function progressOf(details: StateDetails, { settings, startedAt }: Running, { name }: Slot, at: Moment): Progress {
  const since = timeOf(details.readySince);
  if (details.ready === true && since !== null) return { kind: "ready", since };
  const { readiness, policy } = settings;
  const progress = resumeProgress(readiness, name === "service" && policy.restart !== "always", startedAt, at);
  if (progress.kind !== "waiting") return progress;
  return { ...progress, why: "runsv was killed, and with it the pipe that it would tell by" };
}

/** The last end on record, of a `./run` with this process group. */
export function lastExitOf(end: LastEnd | null, group: number | null): LastExit | null {
  if (end === null) return null;
  return { exit: endOf(end), group, at: timeOf(end.at) ?? { seconds: 0, nanoseconds: 0 }, ranMillis: end.ranMillis };
}

function endOf({ code, signal, core }: LastEnd): End {
  if (signal !== null) return { kind: "killed", signal, core };
  return code === null ? { kind: "unknown" } : { kind: "exited", code };
}

function millisBetween(from: WallTime, to: WallTime): number {
  return Math.round((to.seconds - from.seconds) * 1000 + (to.nanoseconds - from.nanoseconds) / 1e6);
}
