import { statSync } from "node:fs";

import { createLineCursor } from "../lines/line-cursor.ts";
import { createStampReader } from "../lines/stamp-reader.ts";
import { utc } from "../core/zone.ts";
import { openLogFile } from "../read/log-file.ts";
import type { FoundLog } from "./find-log.ts";

/** Bytes: more than the last line of a log has, as a rule. */
const tail = 65_536;
/** Microseconds by which a stamp may be later than the last change of the file: a file system counts in jiffies, or in seconds. */
const tolerance = 5_000_000;

/**
 * Whether the stamps in a log directory count leap seconds, as s6-log's do. Where the logger is not known: whether the last
 * line of `current` would otherwise be younger than the file.
 */
export function countsLeapSeconds({ directory, logger }: FoundLog): boolean {
  if (logger !== null) return logger === "s6-log";
  try {
    const file = openLogFile(`${directory}/current`);
    if (file === null) return false;
    const stamps = createStampReader(utc, false);
    const cursor = createLineCursor(stamps);
    try {
      const bytes = new Uint8Array(tail);
      cursor.feed(bytes.subarray(0, file.readAt(bytes, Math.max(0, file.size() - tail))));
    } finally {
      file.close();
    }
    let last = 0;
    while (cursor.next()) if (!Number.isNaN(cursor.micros) && cursor.bytes[cursor.from] === 64) last = cursor.micros;
    return last > statSync(`${directory}/current`).mtimeMs * 1000 + tolerance;
  } catch {
    return false;
  }
}
