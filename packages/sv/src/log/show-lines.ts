import type { Range } from "@upkeep/client/log/range";
import { SystemError } from "@upkeep/linux/core/errno";
import { createMerge, type Merge } from "@upkeep/logs/lines/merge";
import type { LogReader } from "@upkeep/logs/read/log-reader";
import type { Accept } from "@upkeep/logs/read/position";

import type { LogLine } from "../core/log-line.ts";
import type { LogRequest } from "./log-request.ts";
import type { OutputBuffer } from "./output-buffer.ts";

/** A log that is being shown. */
export interface ShownLog {
  readonly reader: LogReader;
  readonly range: Range;
  readonly accept: Accept | null;
  readonly write: (line: LogLine) => void;
}

/** Milliseconds between two looks at logs that are followed: at least, and for each of them. */
const pause = { least: 100, each: 1 };
/** Microseconds that a logger may need from the stamp to the file. Younger lines wait, so that those of others come first. */
const patience = 20_000;
/** A line from further in the future has a stamp that says nothing, and waits for nobody. */
const future = 1_000_000;
/** Microseconds. */
const clockTolerance = 60_000_000;

interface Source extends ShownLog {
  readonly cursor: LogReader["cursor"];
  readonly fill: LogReader["fill"];
}

/** Shows the lines of all logs in their order, and then, if asked to, those that come. */
export async function showLines(
  logs: readonly ShownLog[],
  { lines, follows }: Pick<LogRequest, "lines" | "follows">,
  output: OutputBuffer,
): Promise<void> {
  const sources = logs.map((log): Source => ({ ...log, cursor: log.reader.cursor, fill: log.reader.fill }));
  const merge = createMerge(sources);
  const last = lines === null ? null : createLastLines(lines);
  const take = (source: Source): boolean => {
    if (isWanted(source)) (last?.keep ?? writeLine)(source);
    return !output.isClosed();
  };
  await addThoseWithLines(sources, merge);
  await merge.drain(endOf(sources), take);
  if (!follows) {
    for (const source of sources) if (!merge.has(source) && source.reader.finish()) merge.add(source);
    await merge.drain(endOf(sources), take);
  }
  last?.write();
  output.flush();
  if (follows) await followLines(sources, merge, output);
}

async function followLines(sources: readonly Source[], merge: Merge<Source>, output: OutputBuffer): Promise<void> {
  const take = (source: Source): boolean => {
    if (isWanted(source)) writeLine(source);
    return !output.isClosed();
  };
  while (!output.isClosed()) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(pause.least, pause.each * sources.length)));
    const now = Date.now() * 1000;
    await addThoseWithLines(sources, merge);
    const isFuture = sources.some((one) => one.cursor.key > now + future);
    await merge.drain(isFuture || sources.length === 1 ? Infinity : now - patience, take);
    output.flush();
  }
}

/** Adds the sources that have a line by now. */
async function addThoseWithLines(sources: readonly Source[], merge: Merge<Source>): Promise<void> {
  for (const source of sources.filter((one) => !merge.has(one))) {
    try {
      if (source.cursor.next() || (await source.fill())) merge.add(source);
    } catch (error) {
      // The directory may come back, as when a service is made anew.
      if (!(error instanceof SystemError)) throw error;
    }
  }
}

/** Microseconds after which no line is wanted. A clock that was set back may let earlier lines follow, for a while. */
function endOf(sources: readonly Source[]): number {
  const ends = sources.map(({ range }) => range.until ?? Infinity);
  return Math.max(...ends, 0) + clockTolerance;
}

function isWanted({ accept, cursor }: Source): boolean {
  return accept === null || accept(cursor.bytes, cursor.from, cursor.to);
}

function writeLine({ write, cursor }: Source): void {
  write(cursor);
}

/** Keeps the last lines until they are written. */
function createLastLines(most: number): { keep(source: Source): void; write(): void } {
  let kept: (() => void)[] = [];
  return {
    keep: ({ write, cursor: { bytes, text, to, micros, isCut } }) => {
      if (most === 0) return;
      const line = { bytes: Buffer.from(bytes.subarray(text, to)), text: 0, to: to - text, micros, isCut };
      kept.push(() => write(line));
      if (kept.length >= most * 2) kept = kept.slice(-most);
    },
    write: () => {
      for (const write of most === 0 ? [] : kept.slice(-most)) write();
    },
  };
}
