import { isGettingReady, isJobDone } from "@upkeep/client/core/health";
import type { Snapshot } from "@upkeep/client/core/json";
import type { ServiceUsage } from "@upkeep/client/core/picture";
import { harmless } from "@upkeep/program/core/one-line";
import type { LastEnd, StateDetails } from "@upkeep/supervise/core/state-json";
import { timeOf } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";

import { duration, memory, processorTime } from "@upkeep/client/core/amounts";
import { isPlain, type Ruler } from "./ruler.ts";

const head = ["SERVICE", "STATE", "WANT", "READY", "FOR", "RESTARTS", "LAST EXIT"] as const;
/** Columns of `--wide`, in front of the last one. */
const wideHead = ["CPU", "MEMORY"] as const;
/** Blanks between two columns. */
const gap = 2;

/** How a list is drawn. */
export interface ListStyle {
  /** What the services use, in their order; null: that is not shown. */
  readonly usages: readonly (ServiceUsage | null)[] | null;
  /** How wide a line may be. */
  readonly columns: number;
  readonly isColoured: boolean;
  readonly ruler: Ruler;
}

/** Whether all text of others in a list is plain. */
export function isPlainList(snapshots: readonly Snapshot[]): boolean {
  return snapshots.every(({ label, state }) => isPlain(label) && (!("message" in state) || isPlain(state.message)));
}

/**
 * A table of services, with a head; `-` stands for what is not known. Columns are aligned on a terminal whatever the
 * names are. Control characters are shown as `\x1b`. Lines that are too wide are cut.
 */
export function renderList(
  snapshots: readonly Snapshot[],
  nowSeconds: number,
  { usages, columns, isColoured, ruler }: ListStyle,
): readonly string[] {
  const titles = usages === null ? head : [...head.slice(0, -1), ...wideHead, ...head.slice(-1)];
  const rows = snapshots.map((snapshot, index) =>
    cellsOf(snapshot, nowSeconds, usages === null ? null : [usages[index] ?? null]),
  );
  rows.unshift(titles);
  const stops = stopsOf(rows, ruler);
  return rows.map((row, index) => {
    const line = ruler.cutTo(lineFor(row, stops, ruler), columns);
    const snapshot = snapshots[index - 1];
    const colour = isColoured && snapshot !== undefined ? colourOf(snapshot) : null;
    if (colour === null) return line;
    const [label = "", state = ""] = row;
    const from = ruler.padTo(label, stops[0] ?? 0).length;
    const to = Math.min(line.length, from + state.length);
    return from >= to ? line : `${line.slice(0, from)}\x1b[${colour}m${line.slice(from, to)}\x1b[0m${line.slice(to)}`;
  });
}

/** How wide the columns are with the gap behind them, without the last one. A message that takes the rest of its line widens none. */
function stopsOf(rows: readonly (readonly string[])[], { widthOf }: Ruler): readonly number[] {
  const stops: number[] = [];
  for (const row of rows) {
    for (let column = 0; column < row.length - 1; column++) {
      const stop = widthOf(row[column] ?? "") + gap;
      if (stop > (stops[column] ?? 0)) stops[column] = stop;
    }
  }
  return stops;
}

function lineFor(row: readonly string[], stops: readonly number[], { padTo }: Ruler): string {
  const last = row.length - 1;
  let line = "";
  for (let column = 0; column < last; column++) line += padTo(row[column] ?? "", stops[column] ?? 0);
  return line + (row[last] ?? "");
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
 * The cells of a service, without control characters; two where nothing is known but what is wrong.
 *
 * @param usage null where it is not shown; in it, null where nothing runs.
 */
export function cellsOf(
  { label, state }: Snapshot,
  nowSeconds: number,
  usage: readonly [ServiceUsage | null] | null = null,
): readonly string[] {
  if (!("record" in state)) return [harmless(label), harmless(state.message)];
  const { record, details } = state;
  const cells = [
    harmless(label),
    record.paused ? "paused" : record.state,
    details.want ?? record.want,
    readinessOf(record, details),
    duration(nowSeconds - record.since.seconds),
    details.starts === null ? "-" : String(Math.max(0, details.starts - 1)),
  ];
  if (usage !== null) {
    const [used] = usage;
    cells.push(used === null ? "-" : processorTime(used.cpuMillis), memory(used?.residentBytes ?? null));
  }
  cells.push(details.lastExit === null ? "-" : lastExitOf(details.lastExit, nowSeconds));
  return cells;
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
