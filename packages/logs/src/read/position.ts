import { Buffer } from "node:buffer";

import { type Generation, generationsAfter, isSameListing } from "../core/old-logs.ts";
import { createLineCursor, longestLine } from "../lines/line-cursor.ts";
import type { StampReader } from "../lines/stamp-reader.ts";
import type { LogDirectory } from "./log-directory.ts";
import type { LogFile } from "./log-file.ts";
import type { LogMark, Position } from "./log-reader.ts";

/** Bytes that are read at a time when lines are sought. */
const block = 65_536;
const newline = 10;

/** Whether a line counts, from `from` to `to`. */
export type Accept = (bytes: Buffer, from: number, to: number) => boolean;

/**
 * Where the lines since a moment begin, in microseconds. The names of old logs say when they were rotated, so those from before are not
 * opened. Where that is not enough, a binary search finds the line, for which the stamps must rise.
 */
export function positionSince(directory: LogDirectory, stamps: StampReader, micros: number): Position {
  const { old } = directory.list();
  const before = old.filter(({ name }) => {
    const bytes = Buffer.from(name, "latin1");
    return stamps.read(bytes, 0, bytes.length) > 0 && stamps.micros < micros;
  });
  const known = new Set(before.map(({ name }) => name));
  return { known, offset: inFirst(directory, known, (file) => offsetSince(file, stamps, micros)) };
}

/** Where the last `count` lines that count begin. Lines of a log that is compressed are all within, or the log is left out. */
export async function positionOfLast(
  directory: LogDirectory,
  stamps: StampReader,
  count: number,
  accept: Accept | null,
  from: Position,
): Promise<Position> {
  const generations = generationsAfter(from.known, directory.list());
  let left = count;
  for (let index = generations.length - 1; index >= 0; index--) {
    const generation = generations[index];
    const file = generation === undefined ? null : openAny(directory, generation);
    if (file === null) continue;
    try {
      const start = index === 0 ? from.offset : 0;
      const found = file.isPlain ? lastLines(file, left, start, accept) : await countAll(file, stamps, accept);
      left -= found.count;
      if (left > 0) continue;
      const skipped = generations.slice(0, index).map(({ name }) => name);
      return { known: new Set([...from.known, ...skipped]), offset: found.offset };
    } finally {
      file.close();
    }
  }
  return from;
}

/** More rotations than a logger can make one after the other while a log is sought. */
const mostTries = 100;

/** Where the lines behind a mark begin; null where the log is not there any more, or not as it was. */
export function positionBehind(directory: LogDirectory, mark: LogMark): Position | null {
  for (let count = 0; count < mostTries; count++) {
    const current = directory.currentId();
    const names = directory.list();
    const found = seekMark(directory, generationsAfter(new Set(), names), mark);
    // A log that was rotated meanwhile may have been missed under both names.
    if (found !== null || (directory.currentId() === current && isSameListing(names, directory.list()))) return found;
  }
  return null;
}

function seekMark(
  directory: LogDirectory,
  generations: readonly Generation[],
  { file, offset }: LogMark,
): Position | null {
  for (let index = generations.length - 1; index >= 0; index--) {
    const generation = generations[index];
    const found = generation === undefined ? null : openAny(directory, generation);
    if (found === null) continue;
    try {
      if (found.id !== file) continue;
      if (!found.isPlain || offset > found.size()) return null;
      return { known: new Set(generations.slice(0, index).map(({ name }) => name)), offset };
    } finally {
      found.close();
    }
  }
  return null;
}

function inFirst(directory: LogDirectory, known: ReadonlySet<string>, seek: (file: LogFile) => number): number {
  const first = generationsAfter(known, directory.list())[0];
  const file = first === undefined ? null : openAny(directory, first);
  if (file === null) return 0;
  try {
    return file.isPlain ? seek(file) : 0;
  } finally {
    file.close();
  }
}

function openAny(directory: LogDirectory, { files }: Generation): LogFile | null {
  for (const name of files) {
    try {
      const file = directory.open(name);
      if (file !== null) return file;
    } catch {
      // The reader, which comes next, says why.
    }
  }
  return null;
}

/** The byte where the first line since a moment begins. Lines without a stamp belong to the one before. */
function offsetSince(file: LogFile, stamps: StampReader, micros: number): number {
  let low = 0;
  let high = file.size();
  const bytes = Buffer.allocUnsafe(block);
  while (high - low > block) {
    const middle = low + Math.floor((high - low) / 2);
    const stamped = firstStamped(file, bytes, middle, stamps);
    if (stamped === null || stamped.micros >= micros) high = middle;
    else low = stamped.at;
  }
  return low;
}

/** The first stamped line behind a position, in the block that begins there. */
function firstStamped(
  file: LogFile,
  bytes: Buffer,
  position: number,
  stamps: StampReader,
): { readonly at: number; readonly micros: number } | null {
  const length = file.readAt(bytes, position);
  for (let at = bytes.indexOf(newline) + 1; at > 0 && at < length; at = bytes.indexOf(newline, at) + 1) {
    const end = bytes.indexOf(newline, at);
    const to = end === -1 || end > length ? length : end;
    if (stamps.read(bytes, at, to) > 0) return { at: position + at, micros: stamps.micros };
  }
  return null;
}

/** How many lines that count were found, and where the first of them begins. */
interface Found {
  readonly count: number;
  readonly offset: number;
}

/**
 * Reads from the end back to the beginning of the last `most` lines that count. A line that is too long counts as several,
 * as the cursor cuts it, so that one without an end neither fills the memory nor is read as a whole.
 */
function lastLines(file: LogFile, most: number, start: number, accept: Accept | null): Found {
  let position = file.size();
  let tail: Buffer = Buffer.alloc(0);
  let found = 0;
  while (position > start) {
    const size = Math.min(block, position - start);
    const bytes = Buffer.allocUnsafe(size + tail.length);
    position -= size;
    const length = file.readAt(bytes.subarray(0, size), position);
    tail.copy(bytes, length);
    let end = length + tail.length;
    // This newline ends the last line, and begins none.
    if (bytes[end - 1] === newline) end -= 1;
    for (;;) {
      const before = end === 0 ? -1 : bytes.lastIndexOf(newline, end - 1);
      const isWhole = before !== -1 || position === start;
      if (!isWhole && end <= longestLine) break;
      const from = Math.max(before + 1, end - longestLine);
      if (accept === null || accept(bytes, from, end)) found += 1;
      if (found >= most) return { count: found, offset: position + from };
      if (from === 0) return { count: found, offset: start };
      end = from > before + 1 ? from : before;
    }
    tail = bytes.subarray(0, bytes[end] === newline ? end + 1 : end);
  }
  return { count: found, offset: start };
}

/** Positions within a compressed log mean nothing: it is read from its first line on if any of its lines is wanted. */
async function countAll(file: LogFile, stamps: StampReader, accept: Accept | null): Promise<Found> {
  const cursor = createLineCursor(stamps);
  let count = 0;
  const countLines = (): void => {
    while (cursor.next()) if (accept === null || accept(cursor.bytes, cursor.from, cursor.to)) count += 1;
  };
  try {
    while (await file.read(cursor)) countLines();
  } catch {
    // The reader, which comes next, says why.
  }
  cursor.finish();
  countLines();
  return { count, offset: 0 };
}
