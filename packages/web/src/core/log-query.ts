import type { LogMark } from "@upkeep/logs/read/log-reader";

/** How the lines of a log are sent. */
export type LogFormat = "events" | "ndjson" | "text";

/** Which lines of a log are wanted, and how. Moments are microseconds since 1970. */
export interface LogQuery {
  readonly format: LogFormat;
  readonly follows: boolean;
  /** The last ones; null: all. */
  readonly lines: number | null;
  readonly since: number | null;
  readonly until: number | null;
  /** 1: the last run; null: of any. */
  readonly run: number | null;
  /** Null: whatever they say. */
  readonly contains: string | null;
  /** Where a reader that comes back has left off. */
  readonly behind: LogMark | null;
}

/** How many lines events begin with, and how many anybody may ask for. */
const [usualLines, mostLines] = [200, 1_000_000] as const;
/** Characters. */
const longestText = 1000;

const known: ReadonlySet<string> = new Set(["lines", "since", "until", "run", "contains", "follow", "format"]);

/** A query of a log that makes no sense: the message says why. */
export class QueryError extends Error {
  override readonly name = "QueryError";
}

/**
 * Reads what is asked of a log. Throws {@link QueryError}.
 *
 * @param query behind the `?`. @param accept the header. @param lastEventId the header; null without.
 * @param parseWhen reads a moment; null where it is none.
 */
export function readLogQuery(
  query: string,
  accept: string,
  lastEventId: string | null,
  parseWhen: (text: string) => number | null,
): LogQuery {
  const values = new URLSearchParams(query);
  for (const name of values.keys())
    if (!known.has(name)) throw new QueryError(`unknown parameter: ${name.slice(0, 40)}`);
  const format = formatOf(values.get("format"), accept);
  const moment = (name: "since" | "until"): number | null => {
    const text = values.get(name);
    if (text === null) return null;
    return parseWhen(text) ?? refuse(`${name} is no moment`);
  };
  const [since, until] = [moment("since"), moment("until")];
  const run = runOf(values.get("run"));
  const isLimited = since !== null || run !== null;
  return {
    format,
    follows: format === "events" || isYes(values.get("follow"), "follow"),
    lines: linesOf(values.get("lines"), format === "events" && !isLimited),
    since,
    until,
    run,
    contains: containsOf(values.get("contains")),
    behind: markOf(lastEventId),
  };
}

function formatOf(format: string | null, accept: string): LogFormat {
  if (format === null) return /\btext\/event-stream\b/.test(accept) ? "events" : "ndjson";
  if (format === "events" || format === "ndjson" || format === "text") return format;
  return refuse("format is none of events, ndjson, text");
}

function linesOf(text: string | null, hasUsual: boolean): number | null {
  if (text === null) return hasUsual ? usualLines : null;
  if (text === "all") return null;
  if (!/^\d{1,7}$/.test(text) || Number(text) > mostLines) return refuse("lines is no number up to 1000000, nor all");
  return Number(text);
}

function runOf(text: string | null): number | null {
  if (text === null) return null;
  if (text === "last") return 1;
  return /^[1-9]\d?$/.test(text) ? Number(text) : refuse("run is neither last nor a number");
}

function containsOf(text: string | null): string | null {
  if (text === null || text === "") return null;
  return text.length > longestText ? refuse("contains is too long") : text;
}

function isYes(text: string | null, name: string): boolean {
  if (text === null || text === "0") return false;
  return text === "1" || text === "" ? true : refuse(`${name} is neither 0 nor 1`);
}

function refuse(reason: string): never {
  throw new QueryError(reason);
}

/** A place in a log as the id of an event. */
export function idOfMark({ file, offset }: LogMark): string {
  return `${file}:${offset}`;
}

/** Null where it is no such id: then nothing is known of where the reader is. */
function markOf(id: string | null): LogMark | null {
  const match = id === null ? null : /^(\d{1,20}:\d{1,20}):(\d{1,16})$/.exec(id);
  return match === null ? null : { file: match[1] ?? "", offset: Number(match[2]) };
}
