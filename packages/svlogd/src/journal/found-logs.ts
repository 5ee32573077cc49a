import { closeSync, openSync, readSync, statSync, truncateSync } from "node:fs";

import { attempt } from "@upkeep/linux/core/errno";

import { type FoundLog, type FoundLogs, type RecoveredPart, wholeLines } from "../core/recovery.ts";
import { listOldLogs } from "../directory/old-log-files.ts";
import type { Place } from "../directory/place.ts";

/** Finds the logs that a killed logger may have written to. Throws SystemError. */
export function findLogs(place: Place): FoundLogs {
  const newest = listOldLogs(place, "want recover").findLast(({ state }) => state !== "t");
  return { current: find(place, "current"), newest: newest === undefined ? null : find(place, newest.name) };
}

function find(place: Place, name: string): FoundLog | null {
  const found = attempt(`stat ${name}: ${place.name}`, () => statSync(place.path(name), { throwIfNoEntry: false }));
  return found === undefined ? null : { name, inode: found.ino, size: found.size };
}

/**
 * Reads the part of the batch that is in the log. If that part ends in the start of a line, the start is cut off, so
 * that the line is written whole once more. A line that began in an earlier batch, or is in an old log, stays.
 *
 * @returns how much of the batch is in logs now, and the last of it. Throws SystemError.
 */
export function mendLog(place: Place, { log, base, done }: RecoveredPart): { done: number; tail: Uint8Array } {
  const path = place.path(log.name);
  const tail = attempt(`read ${log.name}: ${place.name}`, () => readFrom(path, base, log.size - base));
  const whole = wholeLines(tail);
  if (log.name !== "current" || whole === tail.length) return { done, tail };
  attempt(`truncate current: ${place.name}`, () => truncateSync(path, base + whole));
  return { done: done - (tail.length - whole), tail: tail.subarray(0, whole) };
}

function readFrom(path: string, position: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const fd = openSync(path, "r");
  try {
    for (let at = 0; at < size;) {
      const count = readSync(fd, bytes, at, size - at, position + at);
      if (count === 0) break;
      at += count;
    }
    return bytes;
  } finally {
    closeSync(fd);
  }
}
