import { isGettingReady, isJobDone } from "@upkeep/client/core/health";
import type { Snapshot } from "@upkeep/client/core/json";
import type { ServiceUsage } from "@upkeep/client/core/picture";
import { harmless } from "@upkeep/program/core/one-line";
import type { LastEnd, StateDetails } from "@upkeep/supervise/core/state-json";
import { timeOf } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";

import { duration, memory, processorTime } from "@upkeep/client/core/amounts";
import { cutTo, padTo, widthOf } from "./text.ts";

const head = ["SERVICE", "STATE", "WANT", "READY", "FOR", "RESTARTS", "LAST EXIT"] as const;
/** Columns of `--wide`, in front of the last one. */
const wideHead = ["CPU", "MEMORY"] as const;
const stateColumn = 1;

/** How a list is drawn. */
export interface ListStyle {
  /** What the services use, in their order; null: that is not shown. */
  readonly usages: readonly (ServiceUsage | null)[] | null;
  /** How wide a line may be. */
  readonly columns: number;
  readonly isColoured: boolean;
}

const plain: ListStyle = { usages: null, columns: Infinity, isColoured: false };

/**
 * A table of services, with a head; `-` stands for what is not known. Columns are aligned on a terminal whatever the
 * names are. Control characters are shown as `\x1b`. Lines that are too wide are cut.
 */
export function renderList(
  snapshots: readonly Snapshot[],
  nowSeconds: number,
  { usages, columns, isColoured }: ListStyle = plain,
): readonly string[] {
  const titles = usages === null ? head : [...head.slice(0, -1), ...wideHead, ...head.slice(-1)];
  const cells = snapshots.map((snapshot, index) =>
    cellsOf(snapshot, nowSeconds, usages === null ? null : [usages[index] ?? null]),
  );
  const rows = [titles, ...cells.map((row) => row.map(harmless))];
  const widths = titles.map((_, column) =>
    // A row about trouble has two cells, and its text must not widen a column.
    Math.max(...rows.map((row) => (row.length === 2 && column > 0 ? 0 : widthOf(row[column] ?? "")))),
  );
  return rows.map((row, index) => {
    const snapshot = snapshots[index - 1];
    const colour = isColoured && snapshot !== undefined ? colourOf(snapshot) : null;
    const padded = row.map((cell, column) => padTo(cell, widths[column] ?? 0));
    const line = cutTo(padded.join("  ").trimEnd(), columns);
    if (colour === null) return line;
    const from = (padded[0] ?? "").length + 2;
    const to = Math.min(line.length, from + (row[stateColumn] ?? "").length);
    return from >= to ? line : `${line.slice(0, from)}\x1b[${colour}m${line.slice(from, to)}\x1b[0m${line.slice(to)}`;
  });
}

/** ANSI: green is well, yellow on its way, red needs somebody. Null: nothing to say, as for a service that is wanted down. */
export function colourOf(snapshot: Snapshot): number | null {
  const { state } = snapshot;
  if (!("record" in state) || state.details.failed !== null) return 31;
  const { record, details } = state;
  if (record.state === "run") return record.paused || (isGettingReady(details) && details.ready !== true) ? 33 : 32;
  return record.want === "up" && !isJobDone(record, details) ? 33 : null;
}

/**
 * The cells of a service, as they are; two where nothing is known but what is wrong.
 *
 * @param usage null where it is not shown; in it, null where nothing runs.
 */
export function cellsOf(
  { label, state }: Snapshot,
  nowSeconds: number,
  usage: readonly [ServiceUsage | null] | null = null,
): readonly string[] {
  if (!("record" in state)) return [label, state.message];
  const { record, details } = state;
  return [
    label,
    record.paused ? "paused" : record.state,
    details.want ?? record.want,
    readinessOf(record, details),
    duration(nowSeconds - record.since.seconds),
    details.starts === null ? "-" : String(Math.max(0, details.starts - 1)),
    ...(usage === null
      ? []
      : [usage[0] === null ? "-" : processorTime(usage[0].cpuMillis), memory(usage[0]?.residentBytes ?? null)]),
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
