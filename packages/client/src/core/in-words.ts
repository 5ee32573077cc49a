import { type LastEnd, type StateDetails, timeOf } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";

import { duration } from "./amounts.ts";
import { isGettingReady, isJobDone, isLogBroken, stateSince } from "./health.ts";
import type { Snapshot } from "./json.ts";
import { alikeInARow, type State } from "./same-ends.ts";

/** Times in which ends are counted, the shortest one first, in seconds. */
const spans = [
  [60, "a minute"],
  [3600, "an hour"],
  [86_400, "a day"],
] as const;

const counts = [
  "",
  "once",
  "twice",
  ...["three", "four", "five", "six", "seven", "eight"].map((word) => `${word} times`),
];

/** A service that came up less than this ago is told of with what happened before, in seconds. */
const young = 60;

/** Whether {@link describeInWords} tells of the ends of a service, beyond the last one. */
export function tellsOfEnds({ record, details }: State, nowSeconds: number): boolean {
  if (details.lastExit === null || details.failed !== null || (details.waitingFor?.length ?? 0) > 0) return false;
  if (record.state === "run") return nowSeconds - record.since.seconds < young;
  return record.state === "down" && record.want === "up" && !isJobDone(record, details);
}

/**
 * The state of a service as a sentence without a full stop: `restarting: exited 3 four times in a minute, next try in 8s`.
 *
 * @param ends the last one first; those on record, or what the snapshot has. @param snapshot a broken log service is told of.
 */
export function describeInWords(
  snapshot: Pick<Snapshot, "state" | "isNormallyDown" | "log">,
  ends: readonly LastEnd[],
  nowSeconds: number,
): string {
  const own = describeAlone(snapshot, ends, nowSeconds);
  const { log } = snapshot;
  if (log === null || log === undefined || !isLogBroken(log, nowSeconds)) return own;
  return `${own}; log/run: ${describeAlone(log, [], nowSeconds)}`;
}

function describeAlone(
  { state, isNormallyDown }: Pick<Snapshot, "state" | "isNormallyDown">,
  ends: readonly LastEnd[],
  nowSeconds: number,
): string {
  if (!("record" in state)) return `not supervised: ${state.message}`;
  const { record, details } = state;
  const known = ends.length > 0 || details.lastExit === null ? ends : [details.lastExit];
  if (details.failed !== null) return `failed: ${details.failed.text}; it stays down until it is started`;
  if ((details.waitingFor?.length ?? 0) > 0) return describeWait(details);
  if (record.state === "finish") return describeEnding(record, details, nowSeconds);
  if (record.state === "run") return describeRun(record, details, known, nowSeconds);
  if (isJobDone(record, details)) return `done: the job ended well ${since(record, nowSeconds)} ago`;
  if (record.want === "up") return describeRestart(details, known, nowSeconds);
  const isUnusual = isNormallyDown === false ? ", normally up" : "";
  return `down for ${since(record, nowSeconds)}, as it is wanted${isUnusual}`;
}

function describeWait({ waitingFor, waitingProblem }: StateDetails): string {
  const names = (waitingFor ?? []).join(", ");
  return `waiting for ${names}${waitingProblem === null ? " to be ready" : `: ${waitingProblem}`}`;
}

/** Below runit's `runsv` a service ends only while its `./finish` runs. */
function describeEnding(record: StatusRecord, details: StateDetails, nowSeconds: number): string {
  const ended = stateSince(record, details);
  if (ended === null) return "ending: ./finish runs";
  const age = `ending for ${duration(nowSeconds - ended)}`;
  if (record.pid === 0) return age;
  // Leftovers are a process group, of which no process is known.
  return details.startTicks === null ? `${age}: what ./run has left running is ended` : `${age}: ./finish runs`;
}

function describeRun(
  record: StatusRecord,
  details: StateDetails,
  ends: readonly LastEnd[],
  nowSeconds: number,
): string {
  const age = since(record, nowSeconds);
  if (record.want === "down" && details.once !== true) {
    return `stopping${record.gotTerm ? ": it got TERM, and still runs" : ""}, up for ${age}`;
  }
  if (record.paused) return `paused, up for ${age}`;
  if (isGettingReady(details)) return `starting: not ready for ${age}, as ${details.readiness ?? "nothing"} tells`;
  const readySince = timeOf(details.readySince);
  const isReady = details.ready === true && details.readiness !== null;
  const well = isReady
    ? `up and ready for ${readySince === null ? age : duration(nowSeconds - readySince.seconds)}`
    : `up for ${age}`;
  const before = nowSeconds - record.since.seconds < young ? countEnds(ends, nowSeconds) : null;
  return before === null ? well : `${well}, after it ${before}`;
}

function describeRestart({ nextStart }: StateDetails, ends: readonly LastEnd[], nowSeconds: number): string {
  const next = timeOf(nextStart);
  const left = next === null ? 0 : next.seconds - nowSeconds;
  const when = left > 0 ? `next try in ${duration(left)}` : "next try now";
  const what = countEnds(ends, nowSeconds);
  return what === null ? `starting: ${when}` : `restarting: ${what}, ${when}`;
}

/** The last end, and how often it has come in a row: `exited 3 four times in a minute`. Null where none is known. */
function countEnds(ends: readonly LastEnd[], nowSeconds: number): string | null {
  const [last] = ends;
  if (last === undefined) return null;
  const how = describeHow(last);
  const ages = alikeInARow(ends).map(({ at }) => {
    const time = timeOf(at);
    return time === null ? Infinity : nowSeconds - time.seconds;
  });
  for (const [length, words] of spans) {
    const count = ages.filter((age) => age <= length).length;
    if (count > 1) return `${how} ${counts[count] ?? `${count} times`} in ${words}`;
  }
  const [age = Infinity] = ages;
  return age === Infinity ? how : `${how}, ${duration(age)} ago`;
}

function describeHow({ code, signal }: Pick<LastEnd, "code" | "signal">): string {
  if (signal !== null) return `was killed by signal ${signal}`;
  return code === null ? "ended" : `exited ${code}`;
}

function since(record: StatusRecord, nowSeconds: number): string {
  return duration(nowSeconds - record.since.seconds);
}
