import { fieldsOf, flagOf, numberOf, parseFields, textOf } from "./json-fields.ts";
import { compareTime, type WallTime } from "./tai64n.ts";

/** Why a service is not started any more. */
export interface Failure {
  readonly reason: string;
  /** For people, one line: "3 failures within 10 seconds". */
  readonly text: string;
  /** ISO 8601. */
  readonly at: string;
}

/** How a `./run` ended: with a code, or by a signal's number. */
export interface LastEnd {
  readonly code: number | null;
  readonly signal: number | null;
  readonly core: boolean;
  /** ISO 8601. */
  readonly at: string;
  readonly ranMillis: number;
}

/**
 * What `state.json` says beyond the status record; see docs/supervise-directory.md. Null is also what a
 * supervisor that does not know a field leaves of it.
 */
export interface StateDetails {
  readonly want: "up" | "down" | "exit" | null;
  /** Whether it is to be started once although it is wanted down. */
  readonly once: boolean | null;
  readonly processGroup: number | null;
  readonly startTicks: number | null;
  readonly starts: number | null;
  readonly lastExit: LastEnd | null;
  readonly nextStart: string | null;
  readonly ready: boolean | null;
  readonly readySince: string | null;
  /** How the service declares its readiness; null when it does not, or that is unknown. */
  readonly readiness: string | null;
  readonly satisfied: boolean | null;
  readonly waitingFor: readonly string[] | null;
  readonly waitingProblem: string | null;
  readonly failures: number | null;
  readonly failed: Failure | null;
  readonly critical: boolean | null;
}

/** What is known where there is no `state.json`. */
export const noDetails: StateDetails = {
  want: null,
  once: null,
  processGroup: null,
  startTicks: null,
  starts: null,
  lastExit: null,
  nextStart: null,
  ready: null,
  readySince: null,
  readiness: null,
  satisfied: null,
  waitingFor: null,
  waitingProblem: null,
  failures: null,
  failed: null,
  critical: null,
};

/** What `state.json` shares with the status record: both must have been written of the same state. */
interface Shared {
  readonly since: WallTime;
  readonly pid: number;
  readonly state: string;
}

/**
 * Reads the text of `state.json`. Null when it is of another state than the record: older, or left by
 * another supervisor; or when it makes no sense.
 */
export function decodeDetails(text: string, record: Shared): StateDetails | null {
  return detailsOf(parseFields(text), record);
}

/** As {@link decodeDetails}, of what the text has been parsed to. */
export function detailsOf(value: unknown, record: Shared): StateDetails | null {
  const found = fieldsOf(value);
  if (found === null || found["version"] !== 1 || found["state"] !== record.state) return null;
  const since = timeOf(found["since"]);
  if (since === null || compareTime(since, record.since) !== 0) return null;
  if ((numberOf(found["pid"]) ?? 0) !== record.pid) return null;
  const want = found["want"];
  return {
    want: want === "up" || want === "down" || want === "exit" ? want : null,
    once: flagOf(found["once"]),
    processGroup: numberOf(found["processGroup"]),
    startTicks: numberOf(found["startTicks"]),
    starts: numberOf(found["starts"]),
    lastExit: lastEndOf(found["lastExit"]),
    nextStart: textOf(found["nextStart"]),
    ready: flagOf(found["ready"]),
    readySince: textOf(found["readySince"]),
    readiness: textOf(found["readiness"]),
    satisfied: flagOf(found["satisfied"]),
    waitingFor: Array.isArray(found["waitingFor"]) ? found["waitingFor"].map(String) : null,
    waitingProblem: textOf(found["waitingProblem"]),
    failures: numberOf(found["failures"]),
    failed: failureOf(found["failed"]),
    critical: flagOf(found["critical"]),
  };
}

function lastEndOf(value: unknown): LastEnd | null {
  const fields = fieldsOf(value);
  if (fields === null) return null;
  return {
    code: numberOf(fields["code"]),
    signal: numberOf(fields["signal"]),
    core: fields["core"] === true,
    at: textOf(fields["at"]) ?? "",
    ranMillis: numberOf(fields["ranMillis"]) ?? 0,
  };
}

function failureOf(value: unknown): Failure | null {
  const fields = fieldsOf(value);
  if (fields === null) return null;
  return {
    reason: textOf(fields["reason"]) ?? "",
    text: textOf(fields["text"]) ?? "",
    at: textOf(fields["at"]) ?? "",
  };
}

/** A time of `state.json`, ISO 8601 in UTC with up to nine digits behind the point; null when it is none. */
export function timeOf(value: unknown): WallTime | null {
  const match = typeof value === "string" ? /^([^.]{19,22})(?:\.(\d{1,9}))?Z$/.exec(value) : null;
  const seconds = match === null ? Number.NaN : Date.parse(`${match[1] ?? ""}Z`) / 1000;
  if (Number.isNaN(seconds)) return null;
  return { seconds, nanoseconds: Number((match?.[2] ?? "").padEnd(9, "0")) };
}

/** Farther from 1970, in seconds, no calendar goes. */
const lastSecond = 8.64e12;

/** A time as `state.json` has it, with microseconds; null for one that no calendar has. */
export function isoTime({ seconds, nanoseconds }: WallTime): string | null {
  if (Math.abs(seconds) >= lastSecond) return null;
  const micros = String(Math.floor(nanoseconds / 1000)).padStart(6, "0");
  return new Date(seconds * 1000).toISOString().replace(/\.000Z$/, `.${micros}Z`);
}
