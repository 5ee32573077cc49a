import type { LastEnd, StateDetails } from "@upkeep/supervise/core/state-json";
import { isoTime, timeOf } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";

/** Ends of a service that were alike and came in a row. */
export interface SameEnds {
  /** The last one. */
  readonly last: LastEnd;
  /** How many ends of any kind there had been when this was the last one; null where that is not known. */
  readonly count: number | null;
  /** When they came, in whole seconds since 1970, the last one first. */
  readonly times: readonly number[];
}

/** As many as `supervise/history.json` has. */
const most = 20;

/** What `state.json` and the status say of a service. */
export interface State {
  readonly record: StatusRecord;
  readonly details: StateDetails;
}

/** Those at the end of a record, the last end first; null where there is none with a time. */
export function sameEndsIn(ends: readonly LastEnd[], count: number | null): SameEnds | null {
  const [last] = ends;
  if (last === undefined) return null;
  const alike = alikeInARow(ends).slice(0, most);
  return { last, count, times: alike.flatMap(({ at }) => timeOf(at)?.seconds ?? []) };
}

/** The last end and those before it, up to the first one that was another way; the last one first. */
export function alikeInARow(ends: readonly LastEnd[]): readonly LastEnd[] {
  const [last] = ends;
  if (last === undefined) return ends;
  const others = ends.findIndex((end) => !isAlike(end, last));
  return others === -1 ? ends : ends.slice(0, others);
}

/**
 * Adds the last end to those that are known. Who looks often need not read a record at each end.
 *
 * @returns null where one end or more have been missed, so that only the record can tell.
 */
export function followed(before: SameEnds | null, { record, details }: State): SameEnds | null {
  const { lastExit: last } = details;
  const time = timeOf(last?.at);
  if (before === null || last === null || time === null) return null;
  const count = endCount(record, details);
  if (before.last.at === last.at && before.count === count) return before;
  if (count === null || before.count === null || count !== before.count + 1) return null;
  const times = isAlike(before.last, last) ? [time.seconds, ...before.times].slice(0, most) : [time.seconds];
  return { last, count, times };
}

/** The ends of a record, with the last one. It is in `state.json` at once, and in the record a moment later. */
export function withLast(ends: readonly LastEnd[], { details: { lastExit } }: State): readonly LastEnd[] {
  if (lastExit === null || ends[0]?.at === lastExit.at || newerThan(lastExit, ends) > 0) return ends;
  return [lastExit, ...ends];
}

/** How many ends have come after this one; where it is not among them, those of a later time. */
export function newerThan({ at }: LastEnd, ends: readonly LastEnd[]): number {
  const found = ends.findIndex((end) => end.at === at);
  if (found !== -1) return found;
  const older = ends.findIndex((end) => end.at !== null && at !== null && end.at < at);
  return older === -1 ? ends.length : older;
}

/** How often `./run` has ended, as far as its supervisor counts: each start but the one that goes on. */
export function endCount({ state }: StatusRecord, { starts }: StateDetails): number | null {
  return starts === null ? null : Math.max(0, starts - (state === "run" ? 1 : 0));
}

/** The ends as a record has them, the last one first; lengths are those of the last one. */
export function endsOf(last: LastEnd | null, times: readonly number[]): readonly LastEnd[] {
  if (last === null) return [];
  return times.map((seconds) => ({ ...last, at: isoTime({ seconds, nanoseconds: 0 }) }));
}

/** Whether two ends had the same code or signal. */
function isAlike(one: Pick<LastEnd, "code" | "signal">, other: Pick<LastEnd, "code" | "signal">): boolean {
  return one.code === other.code && one.signal === other.signal;
}
