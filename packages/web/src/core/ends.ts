import type { RecordedEnd } from "@upkeep/supervise/core/history";

/** How many ends of each kind there have been since the first look. */
export interface EndCounts {
  /** The last end at the last look; null: there was none. */
  readonly last: CountedEnd | null;
  /** By `code 3` or `signal 9`. */
  readonly counts: ReadonlyMap<string, number>;
  /** How many ends there had been at the last look, by the starts that the supervisor counts; null: it does not. */
  readonly total: number | null;
}

/** Kinds that are told apart. A service that makes up more exit codes than these has the rest counted as `other`. */
const mostKinds = 32;
const other = "other";
/** How an end was that nobody has seen, or that its supervisor could not know. */
const unknown = "unknown";

/**
 * Counts the ends that have come since the last look. The record has the last 20. Of more than these the first ones are
 * counted as `unknown`, by the starts that there were. Ends from before the first look count nothing: whoever reads the counts would take a new server for a storm of exits.
 *
 * @param before null: this is the first look. @param ends as on record, the last one first. @param total how many ends there
 * have been when the last one of these was the last one, since the supervisor began; null: nobody knows.
 */
export function countEnds(before: EndCounts | null, ends: readonly CountedEnd[], total: number | null): EndCounts {
  const counts = new Map(before?.counts);
  const add = (kind: string, by: number): void => {
    const key = counts.has(kind) || counts.size < mostKinds ? kind : other;
    counts.set(key, (counts.get(key) ?? 0) + by);
  };
  if (before === null) for (const end of ends) add(kindOf(end), 0);
  else {
    const fresh = endsAfter(before.last, ends);
    for (const end of fresh) add(kindOf(end), 1);
    const missed = total === null || before.total === null ? 0 : total - before.total - fresh.length;
    if (missed > 0) add(unknown, missed);
  }
  return { last: ends[0] ?? before?.last ?? null, counts, total };
}

/** What of an end is needed to count it. */
export type CountedEnd = Pick<RecordedEnd, "code" | "signal" | "at" | "ranMillis">;

function endsAfter(last: CountedEnd | null, ends: readonly CountedEnd[]): readonly CountedEnd[] {
  const at = last === null ? -1 : ends.findIndex((end) => isSame(end, last));
  return at === -1 ? ends : ends.slice(0, at);
}

function isSame(one: CountedEnd, another: CountedEnd): boolean {
  return one.at === another.at && one.ranMillis === another.ranMillis && kindOf(one) === kindOf(another);
}

function kindOf({ code, signal }: CountedEnd): string {
  if (signal !== null) return `signal ${signal}`;
  return code === null ? unknown : `code ${code}`;
}
