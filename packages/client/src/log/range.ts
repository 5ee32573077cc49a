import type { StampReader } from "@upkeep/logs/lines/stamp-reader";
import type { Accept } from "@upkeep/logs/read/position";

/** From when to when lines are shown, in microseconds; null: no limit. */
export interface Range {
  readonly since: number | null;
  readonly until: number | null;
}

/** Whether a line is to be shown; null: each is. A line without a stamp counts for its text alone. */
export function acceptOf({ since, until }: Range, pattern: RegExp | null, stamps: StampReader): Accept | null {
  if (since === null && until === null && pattern === null) return null;
  return (bytes, from, to) => {
    const length = stamps.read(bytes, from, to);
    const isWithin =
      length === 0 || ((since === null || stamps.micros >= since) && (until === null || stamps.micros <= until));
    return isWithin && (pattern === null || pattern.test(bytes.toString("utf8", from + length, to)));
  };
}
