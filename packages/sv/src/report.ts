import type { StatusRecord } from "@upkeep/supervise/status-record";

/** What else a status line tells. */
export interface ReportFacts {
  readonly nowSeconds: number;
  /** Whether there is a `down` file; null when that cannot be told. */
  readonly isNormallyDown: boolean | null;
}

/** Why nothing can be said about a service. */
export interface Trouble {
  readonly severity: "fail" | "warning";
  /** Complete but for the name: `runsv not running`, `unable to open supervise/ok: access denied`. */
  readonly message: string;
}

/** What stands before a status line: how a command ended. */
export type Outcome = "ok" | "timeout" | "kill";

/**
 * The status of a service without line end: `run: web: (pid 5) 12s, normally down`.
 *
 * State and pid are taken as they are stored, each for itself. Source: runit 2.1.2, observed.
 */
export function renderStatus(label: string, record: StatusRecord, facts: ReportFacts): string {
  const process = record.state === "down" ? "" : `(pid ${record.pid}) `;
  const seconds = Math.max(0, facts.nowSeconds - record.since.seconds);
  return [`${record.state}: ${label}: ${process}${seconds}s`, ...flagsOf(record, facts.isNormallyDown)].join(", ");
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

/** The last word on a service whose supervisor was to end, and has. */
export function renderGone(label: string): string {
  return `ok: ${label}: runsv not running`;
}
