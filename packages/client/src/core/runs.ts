import type { LastEnd } from "@upkeep/supervise/core/state-json";
import { timeOf } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import type { WallTime } from "@upkeep/supervise/core/tai64n";

/** Microseconds: the length of a run is on record in whole milliseconds. */
const rounding = 1000;

/**
 * When the runs of a service began, in microseconds since 1970, the last one first.
 *
 * @param record null where there is none. @param ends of earlier runs, the last one first.
 */
export function startsOf(record: StatusRecord | null, ends: readonly LastEnd[]): readonly number[] {
  const running = record === null || record.state === "down" ? [] : [microsOf(record.since)];
  const ended = ends.flatMap(({ at, ranMillis }) => {
    const end = timeOf(at);
    return end === null ? [] : [microsOf(end) - ranMillis * 1000 - rounding];
  });
  // While `./finish` works, its run has ended and is on record as well.
  const isSame = record?.state === "finish" && Math.abs((running[0] ?? 0) - (ended[0] ?? 0)) <= 2 * rounding;
  return isSame ? ended : [...running, ...ended];
}

function microsOf({ seconds, nanoseconds }: WallTime): number {
  return seconds * 1e6 + nanoseconds / 1000;
}
