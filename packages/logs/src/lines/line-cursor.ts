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
  /** Whether it is only a part of a line that is too long, which goes on in the next one. */
  readonly isCut: boolean;
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
  /** How many bytes have come behind the line. */
  left(): number;
}

/** Bytes: how much is read at a time. */
const chunk = 262_144;
/** Bytes: a longer line is cut, so that a log without newlines does not fill the memory. `log-prefix` keeps as much together. */
export const longestLine = 131_072;
const newline = 10;

/** What a cursor says of its line, for itself to change. */
type Line = { -readonly [Key in "bytes" | "from" | "to" | "text" | "isCut" | "micros" | "key"]: LineCursor[Key] };

export function createLineCursor(stamps: StampReader): LineCursor {
  const pieces = createPieces();
  const line: Line = {
    bytes: pieces.bytes,
    from: 0,
    to: 0,
    text: 0,
    isCut: false,
    micros: Number.NaN,
    key: Number.NEGATIVE_INFINITY,
  };
  let latest = Number.NEGATIVE_INFINITY;
  let floor = Number.NEGATIVE_INFINITY;

  const next = (): boolean => {
    const { bytes, start, end } = pieces;
    const to = endOfLine(pieces);
    if (to === -1) return false;
    const length = stamps.read(bytes, start, to);
    line.bytes = bytes;
    line.from = start;
    line.to = to;
    line.text = start + length;
    line.micros = length === 0 ? Number.NaN : stamps.micros;
    if (length > 0 && stamps.micros > latest) latest = stamps.micros;
    line.key = length > 0 ? latest : Math.max(latest, floor);
    const hasNewline = to < end && bytes[to] === newline;
    line.isCut = !hasNewline && to < end;
    pieces.start = hasNewline ? to + 1 : to;
    return true;
  };

  return Object.assign(line, {
    space: () => {
      makeRoom(pieces, chunk);
      return pieces.bytes.subarray(pieces.end, pieces.end + chunk);
    },
    received: (count: number) => takeIn(pieces, count),
    feed: (more: Uint8Array) => {
      makeRoom(pieces, more.length);
      pieces.bytes.set(more, pieces.end);
      takeIn(pieces, more.length);
    },
    finish: () => {
      pieces.isFinished = true;
    },
    begin: (micros: number) => {
      floor = micros;
    },
    next,
    left: () => pieces.end - pieces.start,
  });
}

/** The bytes that have come and make no line yet. */
interface Pieces {
  bytes: Buffer;
  start: number;
  end: number;
  /** No more of the last line will come. */
  isFinished: boolean;
}

function createPieces(): Pieces {
  return { bytes: Buffer.allocUnsafe(chunk * 2), start: 0, end: 0, isFinished: false };
}

/** Bytes that a cursor has shown stay valid until it moves on: those that are left are moved only then. */
function makeRoom(pieces: Pieces, size: number): void {
  const { bytes, start, end } = pieces;
  if (bytes.length - end >= size) return;
  const left = end - start;
  pieces.bytes = left + size > bytes.length ? Buffer.allocUnsafe((left + size) * 2) : bytes;
  bytes.copy(pieces.bytes, 0, start, end);
  pieces.start = 0;
  pieces.end = left;
}

function takeIn(pieces: Pieces, count: number): void {
  pieces.end += count;
  pieces.isFinished = false;
}

/** Where the next line ends; -1: that has not come. */
function endOfLine({ bytes, start, end, isFinished }: Pieces): number {
  const found = start < end ? bytes.indexOf(newline, start) : -1;
  const isFound = found !== -1 && found < end;
  const to = isFound ? found : isFinished && start < end ? end : -1;
  return (to === -1 ? end : to) - start > longestLine ? start + longestLine : to;
}
