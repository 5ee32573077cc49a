import type { Zone } from "@upkeep/logs/core/zone";
import type { FoundLog } from "@upkeep/logs/find/find-log";
import { countsLeapSeconds } from "@upkeep/logs/find/leap-seconds";
import { createStampReader } from "@upkeep/logs/lines/stamp-reader";
import { logDirectoryAt } from "@upkeep/logs/read/log-directory";
import { beginning, createLogReader, type LogReader } from "@upkeep/logs/read/log-reader";
import { type Accept, positionOfLast, positionSince } from "@upkeep/logs/read/position";

import { acceptOf, type Range } from "./range.ts";

/** Which lines of a log are wanted. */
interface WantedLines {
  readonly range: Range;
  /** Null: whatever they say. */
  readonly pattern: RegExp | null;
  /** So many of the last ones; null: all. */
  readonly lines: number | null;
}

/** A log that has been opened. */
interface OpenedLog {
  /** It begins at the first line that is wanted. */
  readonly reader: LogReader;
  /** Whether a line is wanted; null: each is. */
  readonly accept: Accept | null;
}

/**
 * Opens a log. Throws SystemError. The caller closes the reader.
 *
 * @param warn is told of a file that cannot be read; it is left out.
 */
export async function openReader(
  log: FoundLog,
  zone: Zone,
  { range, pattern, lines }: WantedLines,
  warn: (message: string) => void,
): Promise<OpenedLog> {
  const directory = logDirectoryAt(log.directory);
  const stamps = createStampReader(zone, countsLeapSeconds(log));
  const accept = acceptOf(range, pattern, stamps);
  const first = range.since === null ? beginning : positionSince(directory, stamps, range.since);
  const start = lines === null ? first : await positionOfLast(directory, stamps, lines, accept, first);
  return { reader: createLogReader(directory, stamps, start, warn), accept };
}
