import { type LastEnd, type StateDetails, timeOf } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import type { WallTime } from "@upkeep/supervise/core/tai64n";

/** The exit code that stands for a `./run` that could not be started. Source: runit's runsv, which forks first. */
const couldNotStart = 111;

/** What a status line tells besides the record. */
export interface ReportFacts {
  readonly nowSeconds: number;
  /** Whether there is a `down` file; null when that cannot be told. */
  readonly isNormallyDown: boolean | null;
  /** What `state.json` says; absent where nobody asked. */
  readonly details?: StateDetails;
  /** When commands were sent that were to bring the service up, and have not: the line then names how `./run` ended since. */
  readonly missedSince?: WallTime;
}

/** Why nothing can be said about a service. */
export interface Trouble {
  readonly severity: "fail" | "warning";
  /** Complete but for the name: `runsv not running`, `unable to open supervise/ok: access denied`. */
  readonly message: string;
}

/** How a command ended, as it stands before a status line. */
export type Outcome = "ok" | "timeout" | "kill" | "fail";

/**
 * The status of a service without line end: `run: web: (pid 5) 12s, normally down`.
 *
 * State and pid are shown as they are stored, even if they do not fit together. Source: runit 2.1.2, observed.
 */
export function renderStatus(label: string, record: StatusRecord, facts: ReportFacts): string {
  const process = record.state === "down" ? "" : `(pid ${record.pid}) `;
  const seconds = Math.max(0, facts.nowSeconds - record.since.seconds);
  const { details, missedSince } = facts;
  const more = details === undefined ? [] : describeDetails(record, details, facts.nowSeconds);
  const end = details === undefined || missedSince === undefined ? null : describeNewEnd(details, missedSince);
  const flags = flagsOf(record, facts.isNormallyDown);
  return [`${record.state}: ${label}: ${process}${seconds}s`, ...flags, ...more, ...(end === null ? [] : [end])].join(
    ", ",
  );
}

/** What `state.json` adds to a status line: readiness, what the service waits for, what it left behind, and its failure. */
function describeDetails(record: StatusRecord, details: StateDetails, nowSeconds: number): readonly string[] {
  const parts: string[] = [];
  if (details.readiness !== null) {
    const since = timeOf(details.readySince)?.seconds ?? nowSeconds;
    if (details.ready === true) parts.push(`ready ${Math.max(0, nowSeconds - since)}s`);
    else if (record.state === "run") parts.push("not ready");
  }
  const { waitingFor, waitingProblem, failed, leftBehind } = details;
  if (waitingFor !== null && waitingFor.length > 0) {
    parts.push(`waiting for ${waitingFor.join(" ")}${waitingProblem === null ? "" : ` (${waitingProblem})`}`);
  }
  if (leftBehind !== null && record.state !== "run") {
    parts.push(`left ${leftBehind.name} (pid ${leftBehind.pid}) in the background`);
  }
  if (failed !== null) parts.push(`failed: ${failed.text}`);
  return parts;
}

/** How a `./run` ended that was started after `since`: `./run exited 1 after 20 ms`. Null where none is known to have. */
function describeNewEnd({ lastExit, failed }: StateDetails, since: WallTime): string | null {
  const end = timeOf(lastExit?.at);
  if (lastExit === null || end === null || millisOf(end) - lastExit.ranMillis < millisOf(since)) return null;
  const how = describeEnd(lastExit);
  if (how === null || failed?.text.startsWith(how) === true) return null;
  return `${how} after ${lastExit.ranMillis} ms`;
}

/** How a `./run` ended, in words. Null where nobody knows, and for a `./run` that could not be started: it has run for no time, and `runsv` has said why. */
export function describeEnd({ code, signal, ranMillis }: LastEnd): string | null {
  if (signal !== null) return `./run was killed by signal ${signal}`;
  if (code === null || (code === couldNotStart && ranMillis === 0)) return null;
  return `./run exited ${code}`;
}

function millisOf({ seconds, nanoseconds }: WallTime): number {
  return seconds * 1000 + nanoseconds / 1_000_000;
}

function flagsOf(record: StatusRecord, isNormallyDown: boolean | null): readonly string[] {
  const flags: string[] = [];
  if (record.pid === 0) {
    if (isNormallyDown === false) flags.push("normally up");
    if (record.want === "up") flags.push("want up");
    return flags;
  }
  if (isNormallyDown === true) flags.push("normally down");
  if (record.paused) flags.push("paused");
  if (record.want === "down") flags.push("want down");
  if (record.gotTerm) flags.push("got TERM");
  return flags;
}

/** What is wrong with a service, without line end: `fail: web: runsv not running`. */
export function renderTrouble(label: string, { severity, message }: Trouble): string {
  return `${severity}: ${label}: ${message}`;
}

/** The line about a service whose supervisor was to end, and has. */
export function renderGone(label: string): string {
  return `ok: ${label}: runsv not running`;
}
