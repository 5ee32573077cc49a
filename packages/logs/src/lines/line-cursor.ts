import { Buffer } from "node:buffer";

import type { StampReader } from "./stamp-reader.ts";

/**
 * Stands on one line after the other of bytes that come in pieces. It works in place: what it says of a line is valid
 * until it moves on.
 */
export interface LineCursor {
  readonly bytes: Buffer;
  /** Where the line begins and ends, without its newline, and where its text begins, behind the stamp. */
  readonly from: number;
  readonly to: number;
  readonly text: number;
  /** Microseconds since 1970; NaN for a line without a stamp. */
  readonly micros: number;
  /** By which lines are merged, and which never falls: a line without a stamp, or with an earlier one, stays behind its predecessor. */
  readonly key: number;
  /** Room for the bytes that come next. */
  space(): Uint8Array;
  /** Takes so many bytes that have been put there. */
  received(count: number): void;
  /** Takes bytes. */
  feed(bytes: Uint8Array): void;
  /** No more of the last line will come, although it has no newline. */
  finish(): void;
  /** Lines without a stamp that come next were not written before then, in microseconds. */
  begin(micros: number): void;
  /** Moves to the next line; false: it has not come yet. */
  next(): boolean;
}

/** Bytes: how much is read at a time. */
const chunk = 262_144;
/** Bytes: a longer line is cut, so that a log without newlines does not fill the memory. */
const longestLine = 1_048_576;
const newline = 10;

/** What a cursor says of its line, for itself to change. */
type Line = { -readonly [Key in "bytes" | "from" | "to" | "text" | "micros" | "key"]: LineCursor[Key] };

export function createLineCursor(stamps: StampReader): LineCursor {
  const line: Line = {
    bytes: Buffer.allocUnsafe(chunk * 2),
    from: 0,
    to: 0,
    text: 0,
    micros: Number.NaN,
    key: Number.NEGATIVE_INFINITY,
  };
  let start = 0;
  let end = 0;
  let isFinished = false;
  let latest = Number.NEGATIVE_INFINITY;
  let floor = Number.NEGATIVE_INFINITY;

  const makeRoom = (size: number): void => {
    const { bytes } = line;
    if (bytes.length - end >= size) return;
    const left = end - start;
    line.bytes = left + size > bytes.length ? Buffer.allocUnsafe((left + size) * 2) : bytes;
    bytes.copy(line.bytes, 0, start, end);
    start = 0;
    end = left;
  };

  /** Where the next line ends; -1: that has not come. */
  const findEnd = (): number => {
    const found = start < end ? line.bytes.indexOf(newline, start) : -1;
    if (found !== -1 && found < end) return found;
    if (isFinished && start < end) return end;
    return end - start > longestLine ? start + longestLine : -1;
  };

  const next = (): boolean => {
    const to = findEnd();
    if (to === -1) return false;
    const length = stamps.read(line.bytes, start, to);
    line.from = start;
    line.to = to;
    line.text = start + length;
    line.micros = length === 0 ? Number.NaN : stamps.micros;
    if (length > 0 && stamps.micros > latest) latest = stamps.micros;
    line.key = length > 0 ? latest : Math.max(latest, floor);
    start = to < end && line.bytes[to] === newline ? to + 1 : to;
    return true;
  };

  const takeIn = (count: number): void => {
    end += count;
    isFinished = false;
  };
  return Object.assign(line, {
    space: () => {
      makeRoom(chunk);
      return line.bytes.subarray(end, end + chunk);
    },
    received: takeIn,
    feed: (more: Uint8Array) => {
      makeRoom(more.length);
      line.bytes.set(more, end);
      takeIn(more.length);
    },
    finish: () => {
      isFinished = true;
    },
    begin: (micros: number) => {
      floor = micros;
    },
    next,
  });
}
