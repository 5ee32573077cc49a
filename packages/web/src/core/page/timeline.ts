import type { RecordedEnd } from "@upkeep/supervise/core/history";
import { type LastEnd, timeOf } from "@upkeep/supervise/core/state-json";
import type { WallTime } from "@upkeep/supervise/core/tai64n";
import { isFailure, isGettingReady } from "@upkeep/client/core/health";
import type { Snapshot } from "@upkeep/client/core/json";

/** What a service did for a while. Times are in ms since 1970. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** `unready` is up, but not as ready as was declared; `finish` is `./finish`. */
  readonly kind: "unready" | "up" | "finish" | "down";
  /** How it ended; null where it goes on, or for a pause. */
  readonly end: LastEnd | null;
}

/** Something that happened at one moment. */
export interface Mark {
  readonly at: number;
  readonly kind: "start" | "ready" | "end" | "failure";
}

/** The life of a service, the oldest first. */
export interface Timeline {
  readonly stretches: readonly Stretch[];
  readonly marks: readonly Mark[];
}

/**
 * The life of a service as far as it is on record: its last ends, and what it does now.
 *
 * @param ends the last one first. @param nowMillis where the last stretch ends.
 */
export function timelineOf({ state }: Snapshot, ends: readonly RecordedEnd[], nowMillis: number): Timeline {
  const runs = ends.flatMap(runOf).toReversed();
  const current = "record" in state ? currentOf(state.record, isGettingReady(state.details), runs, nowMillis) : null;
  const all = current === null || current.kind === "down" ? runs : [...runs, current];
  const stretches = withPauses(all, current?.kind === "down" ? nowMillis : null);
  const readySince = "record" in state && state.record.state === "run" ? timeOf(state.details.readySince) : null;
  const split = readySince === null ? stretches : splitAt(stretches, millisOf(readySince));
  return { stretches: split, marks: marksOf(split) };
}

function runOf(end: RecordedEnd): readonly Stretch[] {
  const time = timeOf(end.at);
  if (time === null) return [];
  const to = millisOf(time);
  return [{ from: to - end.ranMillis, to, kind: end.ready ? "up" : "unready", end }];
}

function currentOf(
  { state, since }: { readonly state: "run" | "finish" | "down"; readonly since: WallTime },
  isUnready: boolean,
  runs: readonly Stretch[],
  nowMillis: number,
): Stretch {
  const last = runs.at(-1)?.to ?? -Infinity;
  // While ./finish works, the run before it has ended and is on record. The time of the status is that run's start.
  const from = state === "finish" ? Math.max(millisOf(since), last) : millisOf(since);
  const kind = state === "run" ? (isUnready ? "unready" : "up") : state;
  return { from, to: Math.max(from, nowMillis), kind, end: null };
}

/** Puts a pause between each two runs, and one behind the last up to `until`. */
function withPauses(runs: readonly Stretch[], until: number | null): readonly Stretch[] {
  const stretches = runs.flatMap((run, index): readonly Stretch[] => {
    const next = runs[index + 1]?.from ?? until;
    return next === null || next <= run.to ? [run] : [run, { from: run.to, to: next, kind: "down", end: null }];
  });
  return stretches;
}

/** The last run was up before it was ready. */
function splitAt(stretches: readonly Stretch[], readyAt: number): readonly Stretch[] {
  const last = stretches.at(-1);
  if (last === undefined || last.kind !== "up" || readyAt <= last.from || readyAt >= last.to) return stretches;
  const unready: Stretch = { from: last.from, to: readyAt, kind: "unready", end: null };
  return [...stretches.slice(0, -1), unready, { ...last, from: readyAt }];
}

function marksOf(stretches: readonly Stretch[]): readonly Mark[] {
  return stretches.flatMap((one, index): readonly Mark[] => {
    if (one.kind === "down" || one.kind === "finish") return [];
    const before = stretches[index - 1];
    const goesOn = before !== undefined && before.kind === "unready" && before.end === null && before.to === one.from;
    const start: Mark = { at: one.from, kind: goesOn ? "ready" : "start" };
    const { end } = one;
    return end === null ? [start] : [start, { at: one.to, kind: isFailure(end) ? "failure" : "end" }];
  });
}

function millisOf({ seconds, nanoseconds }: WallTime): number {
  return seconds * 1000 + nanoseconds / 1e6;
}

/** What a picture of the time shows, in ms since 1970. */
export interface Extent {
  readonly from: number;
  readonly to: number;
}

/** Lengths of time that can be chosen, in ms; null: all. */
export const lengths = [
  { name: "5 m", millis: 300_000 },
  { name: "1 h", millis: 3_600_000 },
  { name: "1 d", millis: 86_400_000 },
  { name: "all", millis: null },
] as const;

/** So little time is shown at least: a service that has only just been made has no life worth a scale. */
const leastMillis = 60_000;

/** The time that a picture shows: the chosen length up to now, or all that is on record. */
export function extentOf({ stretches }: Timeline, nowMillis: number, millis: number | null): Extent {
  const first = stretches[0]?.from ?? nowMillis;
  const length = millis ?? Math.max(leastMillis, (nowMillis - first) * 1.02);
  return { from: nowMillis - length, to: nowMillis };
}

/** The length that is shown until another one is chosen: the shortest with the last three starts. */
export function usualLength({ marks }: Timeline, nowMillis: number): number | null {
  const starts = marks.filter(({ kind }) => kind === "start");
  const third = starts.at(-3) ?? starts[0];
  if (third === undefined) return null;
  return lengths.find(({ millis }) => millis !== null && nowMillis - third.at <= millis)?.millis ?? null;
}

/** Where a moment is in the picture, from 0 at its left to 1 at its right end. */
export function placeOf(at: number, { from, to }: Extent): number {
  return to > from ? Math.min(1, Math.max(0, (at - from) / (to - from))) : 1;
}

/** Steps between two moments of a scale, in seconds. */
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400] as const;
const day = 86_400;

/**
 * Moments for a scale, in ms since 1970, as many as there is room for, and the step between them in seconds.
 *
 * @param zoneMinutes by which local time is ahead of UTC: steps of hours begin at local midnight.
 */
export function ticksOf(
  { from, to }: Extent,
  most: number,
  zoneMinutes: number,
): { readonly stepSeconds: number; readonly at: readonly number[] } {
  const least = (to - from) / 1000 / Math.max(1, most);
  const stepSeconds = steps.find((one) => one >= least) ?? Math.ceil(least / day) * day;
  const step = stepSeconds * 1000;
  const zone = zoneMinutes * 60_000;
  const first = Math.ceil((from + zone) / step) * step - zone;
  const count = Math.max(0, Math.floor((to - first) / step) + 1);
  return { stepSeconds, at: Array.from({ length: count }, (_, index) => first + index * step) };
}
