import { Buffer } from "node:buffer";

import { SystemError } from "@upkeep/linux/core/errno";

import { createLineCursor, type LineCursor } from "../lines/line-cursor.ts";
import type { LineSource } from "../lines/merge.ts";
import type { StampReader } from "../lines/stamp-reader.ts";
import type { LogDirectory } from "./log-directory.ts";
import type { LogFile } from "./log-file.ts";
import { createLogSequence, type LogSequence } from "./log-sequence.ts";

/** Where in a log directory reading begins. */
export interface Position {
  /** Old logs that are not read. */
  readonly known: ReadonlySet<string>;
  /** Byte of the first log that is read; only if that is not compressed. */
  readonly offset: number;
}

/** From the first line on. */
export const beginning: Position = { known: new Set(), offset: 0 };

/** A place between two lines. It stays the same one when the log gets another name. */
export interface LogMark {
  /** The {@link LogFile.id} of the log. */
  readonly file: string;
  readonly offset: number;
}

/** The lines of a log directory, across its rotations. */
export interface LogReader extends LineSource {
  /** The place behind the line that the cursor stands on. Null before the first one, and within a compressed log. */
  mark(): LogMark | null;
  /** Ends the last line, which has no newline, and moves to it; false: there is none. */
  finish(): boolean;
  close(): void;
}

/** The log that is being read. */
interface Place {
  readonly file: LogFile;
  /** Nothing is added to it any more. */
  isComplete: boolean;
}

/** Where a reader is, and what it reads with. */
interface Reading {
  readonly directory: LogDirectory;
  readonly sequence: LogSequence;
  readonly cursor: LineCursor;
  readonly stamps: StampReader;
  readonly warn: (message: string) => void;
  /** Byte of the next log from which on it is read. */
  offset: number;
  place: Place | null;
  /** The end of the log before. */
  passed: LogMark | null;
}

/**
 * Reads the logs of a directory one after the other, up to the end of `current`. A reader that is filled again later goes on
 * where it was. It loses and repeats no line when logs are rotated, processed, compressed and removed meanwhile, except
 * those of a log that was made and removed between two calls.
 *
 * @param warn is told of a log that cannot be read; it is left out.
 */
export function createLogReader(
  directory: LogDirectory,
  stamps: StampReader,
  { known, offset }: Position,
  warn: (message: string) => void,
): LogReader {
  const cursor = createLineCursor(stamps);
  const sequence = createLogSequence(directory, known, warn);
  const reading: Reading = { directory, sequence, cursor, stamps, warn, offset, place: null, passed: null };
  return {
    cursor,
    fill: async () => await fill(reading),
    finish: () => {
      cursor.finish();
      return cursor.next();
    },
    mark: () => {
      const { place, passed } = reading;
      if (place === null) return passed;
      const { id, isPlain } = place.file;
      return isPlain ? { file: id, offset: place.file.position() - cursor.left() } : null;
    },
    close: () => {
      reading.place?.file.close();
      reading.place = null;
    },
  };
}

async function fill(reading: Reading): Promise<boolean> {
  const { cursor } = reading;
  for (;;) {
    const place = (reading.place ??= openNext(reading));
    if (place === null) return false;
    if (!(await readMore(place, reading))) {
      if (place.isComplete) leave(place, reading);
      else if (!isRotated(place, reading)) return false;
      else {
        // What was written between the read and the rotation is read before the log is left.
        place.isComplete = true;
        continue;
      }
    }
    if (cursor.next()) return true;
  }
}

function openNext(reading: Reading): Place | null {
  const opened = reading.sequence.open();
  if (opened === null) return null;
  const { file, isCurrent, before } = opened;
  if (reading.offset > 0 && file.isPlain) file.seek(reading.offset);
  reading.offset = 0;
  beginAfter(before, reading);
  return { file, isComplete: !isCurrent };
}

/** A log without stamps begins when the one before it was rotated, which that one's name tells. */
function beginAfter(before: string | null, { cursor, stamps }: Reading): void {
  if (before === null || !before.startsWith("@")) return;
  if (stamps.read(Buffer.from(before, "latin1"), 0, before.length) > 0) cursor.begin(stamps.micros);
}

async function readMore({ file }: Place, { cursor, warn }: Reading): Promise<boolean> {
  try {
    return await file.read(cursor);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    warn(error.message);
    return false;
  }
}

/** Within a rotation there is no `current`. Then the log may already have a successor, if it was read long ago. */
function isRotated({ file }: Place, { directory, sequence }: Reading): boolean {
  const now = directory.currentId();
  return now === null ? sequence.hasNext() : now !== file.id;
}

function leave({ file }: Place, reading: Reading): void {
  reading.cursor.finish();
  reading.passed = file.isPlain ? { file: file.id, offset: file.position() } : null;
  file.close();
  reading.place = null;
  reading.sequence.pass();
}
