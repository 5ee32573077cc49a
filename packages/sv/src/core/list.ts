import { harmless } from "@upkeep/program/core/one-line";
import type { LastEnd, StateDetails } from "@upkeep/supervise/core/state-json";
import { timeOf } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import stringWidth from "string-width";

import { isGettingReady, isJobDone } from "./health.ts";
import type { Snapshot } from "./json.ts";

const head = ["SERVICE", "STATE", "WANT", "READY", "FOR", "RESTARTS", "LAST EXIT"] as const;

/**
 * A table of services, with a head; `-` stands for what is not known. Columns are aligned on a terminal whatever the
 * names are. Control characters are shown as `\x1b`.
 */
export function renderList(snapshots: readonly Snapshot[], nowSeconds: number): readonly string[] {
  const rows = [head, ...snapshots.map((snapshot) => rowOf(snapshot, nowSeconds).map(harmless))];
  const widths = head.map((_, column) =>
    // A row about trouble has two cells, and its text must not widen a column.
    Math.max(...rows.map((row) => (row.length === 2 && column > 0 ? 0 : stringWidth(row[column] ?? "")))),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(cell))))
      .join("  ")
      .trimEnd(),
  );
}

function rowOf({ label, state }: Snapshot, nowSeconds: number): readonly string[] {
  if (!("record" in state)) return [label, state.message];
  const { record, details } = state;
  return [
    label,
    record.paused ? "paused" : record.state,
    details.want ?? record.want,
    readinessOf(record, details),
    duration(nowSeconds - record.since.seconds),
    details.starts === null ? "-" : String(Math.max(0, details.starts - 1)),
    details.lastExit === null ? "-" : lastExitOf(details.lastExit, nowSeconds),
  ];
}

function readinessOf(record: StatusRecord, details: StateDetails): string {
  const { ready, waitingFor, failed } = details;
  if (failed !== null) return "failed";
  if (waitingFor !== null && waitingFor.length > 0) return "waits";
  if (isJobDone(record, details)) return "done";
  if (ready === true) return "yes";
  return isGettingReady(details) && record.state === "run" ? "no" : "-";
}

function lastExitOf({ code, signal, at }: LastEnd, nowSeconds: number): string {
  const time = timeOf(at);
  const how = signal === null ? `exit ${code ?? "-"}` : `signal ${signal}`;
  return time === null ? how : `${how}, ${duration(nowSeconds - time.seconds)} ago`;
}

/** Seconds as people read them, in the two largest units: `59s`, `3m05s`, `2h13m`, `4d03h`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number: number): string => String(number).padStart(2, "0");
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m${two(whole % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h${two(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d${two(hours % 24)}h`;
}
