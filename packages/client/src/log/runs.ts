import { readStatusFile } from "@upkeep/supervise/files/status-file";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import { supervisePath } from "@upkeep/supervise/place/supervise-path";

import { startsOf } from "../core/runs.ts";
import { readHistory } from "../service/history.ts";
import type { Range } from "./range.ts";

/**
 * From when to when the lines of a service are wanted; null, after a complaint, if the run that is asked for is not on record.
 *
 * The `run` is 1 for the last one, 2 for the one before it; null: not of one run only.
 */
export function rangeOf(
  path: string,
  label: string,
  { since, until, run }: Range & { readonly run: number | null },
  complain: (message: string) => void,
): Range | null {
  if (run === null) return { since, until };
  const starts = startsOf(readRecord(path), readHistory(path));
  const start = starts[run - 1];
  if (start === undefined) {
    const known = starts.length === 0 ? "no run is" : `only the last ${starts.length} runs are`;
    complain(`${label}: ${starts.length === 1 ? "only the last run is" : known} on record`);
    return null;
  }
  // Its last lines, and those of `./finish`, come before the next run.
  const next = run === 1 ? null : (starts[run - 2] ?? null);
  return { since: Math.max(start, since ?? start), until: next === null ? until : Math.min(next, until ?? next) };
}

function readRecord(path: string): StatusRecord | null {
  try {
    return readStatusFile(`${supervisePath(path)}/status`, "supervise/status");
  } catch {
    return null;
  }
}
