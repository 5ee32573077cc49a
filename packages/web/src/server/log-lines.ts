import { openReader } from "@upkeep/client/log/open-reader";
import type { Range } from "@upkeep/client/log/range";
import { rangeOf } from "@upkeep/client/log/runs";
import { readLastWords } from "@upkeep/client/service/history";
import { SystemError } from "@upkeep/linux/core/errno";
import { isThere } from "@upkeep/linux/fd/files";
import { isoMicros } from "@upkeep/logs/core/time-text";
import type { Zone } from "@upkeep/logs/core/zone";
import { findLog, type NoLog } from "@upkeep/logs/find/find-log";
import type { LogMark, LogReader } from "@upkeep/logs/read/log-reader";
import type { Accept } from "@upkeep/logs/read/position";

import type { LogLineJson } from "../core/api.ts";
import type { LogQuery } from "../core/log-query.ts";
import type { Located } from "../look/directories.ts";
import { createBreather } from "./breather.ts";

/** What takes the lines of a log. */
export interface LogSink {
  take(line: LogLineJson): void;
  /** Sends what it has, and waits until the reader has taken it. False: the reader has gone. */
  flush(mark: LogMark | null): Promise<boolean>;
  /** What follows does not join what was sent before. */
  reset(): void;
  problem(message: string): void;
  /** Nothing has come just now. */
  beat(): void;
  readonly isClosed: boolean;
}

/** So many lines are sent together, fewer of long ones. */
const batch = 500;
/** Characters that count as another line. */
const longLine = 250;
/** Milliseconds between two looks at the log, and at the place where there may be one. */
const pause = { log: 100, place: 1000 } as const;
/** Microseconds. A clock that was set back may let earlier lines follow, for a while. */
const clockTolerance = 60_000_000;

/** A log that is being sent. */
interface Sending {
  readonly located: Located;
  readonly query: LogQuery;
  readonly range: Range;
  readonly sink: LogSink;
  readonly zone: Zone;
  /** Which last words have been sent, or are those of an earlier start: when they were written, in ms since 1970. */
  wordsAt: number;
  /** Lines since the last flush, long ones several times. */
  count: number;
  readonly letOthersIn: () => Promise<void>;
}

interface Opened {
  readonly reader: LogReader;
  readonly accept: Accept | null;
}

/**
 * Sends the lines of the log of a service and, if asked to, those that come. Others get their turn all the time, however
 * large the log is.
 *
 * @param isRunning whether the service runs: then its last words are those of an earlier start.
 */
export async function sendLog(
  located: Located,
  query: LogQuery,
  isRunning: boolean,
  zone: Zone,
  sink: LogSink,
): Promise<void> {
  const { path, label } = located.service;
  const range = rangeOf(path, label, query, (message) => sink.problem(message));
  if (range === null) return;
  const wordsAt = isRunning ? (readLastWords(path)?.at ?? 0) : 0;
  const sending: Sending = { located, query, range, sink, zone, wordsAt, count: 0, letOthersIn: createBreather() };
  let opened = await open(sending, true, query.behind);
  if (opened === null) {
    sink.reset();
    sendWords(sending);
    while ((await sink.flush(null)) && query.follows && opened === null) {
      sink.beat();
      await rest(pause.place);
      sendWords(sending);
      opened = await open(sending, false, null);
    }
  }
  if (opened === null) return;
  try {
    await sendLines(opened, sending);
    while (query.follows && (await sink.flush(opened.reader.mark()))) {
      sink.beat();
      await rest(pause.log);
      await sendThoseThatCame(opened, sending);
      sendWords(sending);
    }
  } finally {
    opened.reader.close();
  }
}

/** Null, after telling so the first time, where there is no log. */
async function open(
  { located, query, range, sink, zone }: Sending,
  isFirst: boolean,
  behind: LogMark | null,
): Promise<Opened | null> {
  try {
    const found = findLog(located.service.path);
    if (found.directory === null) {
      if (isFirst) sink.problem(whyNone(located, found));
      return null;
    }
    const lines = countsItself(query, range) ? null : query.lines;
    const wanted = { range, pattern: null, lines, behind };
    const { isBehind, ...opened } = await openReader(found, zone, wanted, (message) => sink.problem(message));
    if (!isBehind) sink.reset();
    return opened;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    if (isFirst) sink.problem(error.message);
    return null;
  }
}

/** Also says whose log has the lines, where they are kept in another one. */
function whyNone({ service: { path } }: Located, { lookedAt }: NoLog): string {
  if (!isThere(`${path}/log`) && isThere(`${path}/log-prefix`))
    return "it has a log-prefix instead of a log: its lines are in the output of its supervisor, and not kept here";
  return `no log found; looked at ${lookedAt.join(" ")}`;
}

/** The last lines are sought from the end, in one go. What may lead far back is read from the front instead, with pauses. */
function countsItself({ contains }: LogQuery, { until }: Range): boolean {
  return contains !== null || until !== null;
}

/** Sends the lines that are there. */
async function sendLines({ reader, accept }: Opened, sending: Sending): Promise<void> {
  const { query, range, sink } = sending;
  const most = countsItself(query, range) ? query.lines : null;
  const last: LogLineJson[] = [];
  const end = (range.until ?? Infinity) + clockTolerance;
  const isWanted = wantedBy(reader, accept, query);
  const { cursor } = reader;
  while (cursor.next() || (await reader.fill()) || (!query.follows && reader.finish())) {
    if (cursor.key > end) break;
    if (isWanted()) {
      const line = lineAt(reader, sending.located.service.label);
      if (most === null && !(await take(line, reader, sending))) return;
      if (most !== null) keepLast(line, last, most);
    }
    await sending.letOthersIn();
    if (sink.isClosed) return;
  }
  for (const line of most === null || most === 0 ? [] : last.slice(-most)) {
    if (!(await take(line, reader, sending))) return;
  }
  if (query.since === null && query.until === null && query.behind === null) sendWords(sending);
  await sink.flush(reader.mark());
}

/** Sends the lines that have come since. */
async function sendThoseThatCame({ reader, accept }: Opened, sending: Sending): Promise<void> {
  const isWanted = wantedBy(reader, accept, sending.query);
  try {
    while (reader.cursor.next() || (await reader.fill())) {
      if (isWanted()) {
        const line = lineAt(reader, sending.located.service.label);
        if (!(await take(line, reader, sending))) return;
      }
      await sending.letOthersIn();
    }
  } catch (error) {
    // The directory may come back, as when a service is made anew.
    if (!(error instanceof SystemError)) throw error;
  }
}

/** False: the reader has gone. */
async function take(line: LogLineJson, { mark }: LogReader, sending: Sending): Promise<boolean> {
  sending.sink.take(line);
  sending.count += 1 + line.line.length / longLine;
  if (sending.count < batch) return true;
  sending.count = 0;
  return await sending.sink.flush(mark());
}

function keepLast(line: LogLineJson, last: LogLineJson[], most: number): void {
  last.push(line);
  if (last.length >= 2 * most + batch) last.splice(0, last.length - most);
}

function wantedBy({ cursor }: LogReader, accept: Accept | null, { contains }: LogQuery): () => boolean {
  const needle = contains === null ? null : Buffer.from(contains);
  return () => {
    const { bytes, from, text, to } = cursor;
    if (accept !== null && !accept(bytes, from, to)) return false;
    return needle === null || bytes.subarray(text, to).includes(needle);
  };
}

function lineAt({ cursor: { bytes, text, to, micros, isCut } }: LogReader, service: string): LogLineJson {
  const time = Number.isNaN(micros) ? null : isoMicros(micros);
  const line = bytes.toString("utf8", text, to);
  return { service, time, line, ...(isCut ? { cut: true } : {}), stream: "out" };
}

/** Sends what the last start wrote that failed, if that is news. */
function sendWords(sending: Sending): void {
  const { located, sink, query } = sending;
  const words = readLastWords(located.service.path);
  if (words === null || words.at === sending.wordsAt) return;
  sending.wordsAt = words.at;
  const time = isoMicros(words.at * 1000);
  for (const line of words.lines) {
    if (query.contains !== null && !line.includes(query.contains)) continue;
    sink.take({ service: located.service.label, time, line, stream: "err" });
  }
}

async function rest(millis: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, millis));
}
