import { findLog } from "@upkeep/logs/find/find-log";
import { createSystemZone } from "@upkeep/logs/find/system-zone";
import { SystemError } from "@upkeep/linux/core/errno";

import { readLastWords } from "../service/history.ts";
import { openReader } from "./open-reader.ts";

/**
 * What the service at `path` wrote last, without stamps, the oldest line first: out of its log or, where it has none, the last words
 * of a start that failed. None where nothing of that can be read.
 *
 * Standard error does not go to the log; where `runsv` has kept the last of it, that follows the lines of the log.
 *
 * @param since microseconds; null: whenever. @param wordsSince older last words do not count; null: none do where there is a log.
 */
export async function lastLinesOf(
  path: string,
  most: number,
  since: number | null,
  wordsSince: number | null = since,
): Promise<readonly string[]> {
  try {
    const found = findLog(path);
    if (found.directory === null) return wordsOf(path, since).slice(-most);
    const wanted = { range: { since, until: null }, pattern: null, lines: most };
    const { reader, accept } = await openReader(found, createSystemZone(), wanted, () => {});
    const lines: string[] = [];
    const { cursor } = reader;
    while (cursor.next() || (await reader.fill()) || reader.finish()) {
      const { bytes, from, text, to } = cursor;
      if (accept === null || accept(bytes, from, to)) lines.push(bytes.toString("utf8", text, to));
    }
    reader.close();
    return [...lines.slice(-most), ...(wordsSince === null ? [] : wordsOf(path, wordsSince))].slice(-most);
  } catch (error) {
    if (error instanceof SystemError) return [];
    throw error;
  }
}

function wordsOf(path: string, since: number | null): readonly string[] {
  const words = readLastWords(path);
  if (words === null || (since !== null && words.at * 1000 < since)) return [];
  return words.lines;
}
