import type { RecordedEnd } from "@upkeep/supervise/core/history";

/** How many ends of each kind there have been since the first look. */
export interface EndCounts {
  /** The last end at the last look; null: there was none. */
  readonly last: RecordedEnd | null;
  /** By `code 3` or `signal 9`. */
  readonly counts: ReadonlyMap<string, number>;
}

/** Kinds that are told apart. A service that makes up more exit codes than these has the rest counted as `other`. */
const mostKinds = 32;
const other = "other";

/**
 * Counts the ends that have come since the last look. The record has the last 20, so of more than these some are missed.
 * Ends from before the first look count nothing: whoever reads the counts would take a new server for a storm of exits.
 *
 * @param before null: this is the first look. @param ends as on record, the last one first.
 */
export function countEnds(before: EndCounts | null, ends: readonly RecordedEnd[]): EndCounts {
  const counts = new Map(before?.counts);
  const add = (end: RecordedEnd, by: number): void => {
    const kind = kindOf(end);
    const key = counts.has(kind) || counts.size < mostKinds ? kind : other;
    counts.set(key, (counts.get(key) ?? 0) + by);
  };
  if (before === null) for (const end of ends) add(end, 0);
  else for (const end of endsAfter(before.last, ends)) add(end, 1);
  return { last: ends[0] ?? before?.last ?? null, counts };
}

function endsAfter(last: RecordedEnd | null, ends: readonly RecordedEnd[]): readonly RecordedEnd[] {
  const at = last === null ? -1 : ends.findIndex((end) => isSame(end, last));
  return at === -1 ? ends : ends.slice(0, at);
}

function isSame(one: RecordedEnd, another: RecordedEnd): boolean {
  return one.at === another.at && one.ranMillis === another.ranMillis && kindOf(one) === kindOf(another);
}

function kindOf({ code, signal }: RecordedEnd): string {
  if (signal !== null) return `signal ${signal}`;
  return code === null ? "unknown" : `code ${code}`;
}
