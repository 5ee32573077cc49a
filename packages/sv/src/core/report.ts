import { type StateDetails, timeOf } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";

/** What a status line tells besides the record. */
export interface ReportFacts {
  readonly nowSeconds: number;
  /** Whether there is a `down` file; null when that cannot be told. */
  readonly isNormallyDown: boolean | null;
  /** What `state.json` says; absent where nobody asked. */
  readonly details?: StateDetails;
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
  const more = facts.details === undefined ? [] : describeDetails(record, facts.details, facts.nowSeconds);
  return [`${record.state}: ${label}: ${process}${seconds}s`, ...flagsOf(record, facts.isNormallyDown), ...more].join(
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
