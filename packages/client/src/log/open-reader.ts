import type { Zone } from "@upkeep/logs/core/zone";
import type { FoundLog } from "@upkeep/logs/find/find-log";
import { countsLeapSeconds } from "@upkeep/logs/find/leap-seconds";
import { createStampReader } from "@upkeep/logs/lines/stamp-reader";
import { logDirectoryAt } from "@upkeep/logs/read/log-directory";
import { beginning, createLogReader, type LogMark, type LogReader, type Position } from "@upkeep/logs/read/log-reader";
import { type Accept, positionBehind, positionOfLast, positionSince } from "@upkeep/logs/read/position";

import { acceptOf, type Range } from "./range.ts";

/** Which lines of a log are wanted. */
interface WantedLines {
  readonly range: Range;
  /** Null: whatever they say. */
  readonly pattern: RegExp | null;
  /** So many of the last ones; null: all. */
  readonly lines: number | null;
  /** Only those behind this place, whatever `lines` says. Where it is not known any more, it does not count. */
  readonly behind?: LogMark | null;
}

/** A log that has been opened. */
interface OpenedLog {
  /** It begins at the first line that is wanted. */
  readonly reader: LogReader;
  /** Whether a line is wanted; null: each is. */
  readonly accept: Accept | null;
  /** Whether it goes on behind the place that was asked for. */
  readonly isBehind: boolean;
}

/**
 * Opens a log. Throws SystemError. The caller closes the reader.
 *
 * @param warn is told of a file that cannot be read; it is left out.
 */
export async function openReader(
  log: FoundLog,
  zone: Zone,
  { range, pattern, lines, behind = null }: WantedLines,
  warn: (message: string) => void,
): Promise<OpenedLog> {
  const directory = logDirectoryAt(log.directory);
  const stamps = createStampReader(zone, countsLeapSeconds(log));
  const accept = acceptOf(range, pattern, stamps);
  const after = behind === null ? null : positionBehind(directory, behind);
  const start = after ?? (await positionOfWanted());
  return { reader: createLogReader(directory, stamps, start, warn), accept, isBehind: after !== null };

  async function positionOfWanted(): Promise<Position> {
    const first = range.since === null ? beginning : positionSince(directory, stamps, range.since);
    return lines === null ? first : await positionOfLast(directory, stamps, lines, accept, first);
  }
}
