import { Buffer } from "node:buffer";

import { SystemError } from "@upkeep/linux/core/errno";

import { type Generation, generationsAfter, isSameListing, type LogNames } from "../core/old-logs.ts";
import { createLineCursor, type LineCursor } from "../lines/line-cursor.ts";
import type { LineSource } from "../lines/merge.ts";
import type { StampReader } from "../lines/stamp-reader.ts";
import { listLogs, type LogDirectory } from "./log-directory.ts";
import type { LogFile } from "./log-file.ts";

/** Where in a log directory reading begins. */
export interface Position {
  /** Old logs that are not read. */
  readonly known: ReadonlySet<string>;
  /** Byte of the first log that is read; only if that is not compressed. */
  readonly offset: number;
}

/** From the first line on. */
export const beginning: Position = { known: new Set(), offset: 0 };

/** The lines of a log directory, across its rotations. */
export interface LogReader extends LineSource {
  /** Ends the last line, which has no newline, and moves to it; false: there is none. */
  finish(): boolean;
  close(): void;
}

/** Where the reader is. */
interface Place {
  readonly file: LogFile;
  readonly isCurrent: boolean;
  /** Nothing is added to it any more. */
  isComplete: boolean;
}

/**
 * Reads the logs of a directory one after the other, up to the end of `current`. A reader that is filled again later goes on
 * where it was. It loses and repeats no line when logs are rotated, processed, compressed and removed meanwhile, except
 * those of a log that was made and removed between two calls.
 *
 * A log may change its name (`current`, `previous`, `@...u`, `@...s`) and its file (when it is processed), but not its
 * place in the order. So the reader counts: `known` are labels that have been read or skipped, and `done` is the number of logs
 * after them that have been read.
 *
 * @param warn is told of a log that cannot be read; it is left out.
 */
export function createLogReader(
  directory: LogDirectory,
  stamps: StampReader,
  { known: first, offset }: Position,
  warn: (message: string) => void,
): LogReader {
  const cursor = createLineCursor(stamps);
  let known = first;
  let done = 0;
  let place: Place | null = null;
  let pending = offset;

  /** Opens the log that comes next; false: there is none now. */
  const openNext = (): boolean => {
    const names = listLogs(directory);
    const generations = generationsAfter(known, names);
    const generation = generations[done];
    if (generation === undefined) return false;
    const file = openFirst(directory, generation, warn);
    const isCurrent = generation.name === "current";
    // The names `current` and `previous` may have come to stand for later logs since the listing, and a log may have gone to
    // its next name. The label of an old log stands for nothing else.
    const isSame = isSameListing(names, listLogs(directory));
    if (file === null && isSame) {
      // It cannot be read, as a warning says. What cannot be read now and is written to may become readable.
      if (isCurrent) return false;
      done += 1;
      return openNext();
    }
    if (file === null || (!isSame && !generation.name.startsWith("@"))) {
      file?.close();
      return openNext();
    }
    if (pending > 0 && file.isPlain) file.seek(pending);
    pending = 0;
    beginAfter(generations[done - 1] ?? lastKnown(known, names), cursor, stamps);
    place = { file, isCurrent, isComplete: !isCurrent };
    if (isCurrent) {
      known = new Set(names.old.map(({ label }) => label));
      done = names.previous === null ? 0 : 1;
    }
    return true;
  };

  const leave = ({ file }: Place): void => {
    cursor.finish();
    file.close();
    place = null;
    done += 1;
  };

  const readMore = async (from: Place): Promise<boolean> => {
    try {
      return await from.file.read(cursor);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      warn(error.message);
      return false;
    }
  };

  const fill = async (): Promise<boolean> => {
    for (;;) {
      if (place === null && !openNext()) return false;
      const here: Place | null = place;
      if (here === null) return false;
      if (await readMore(here)) {
        if (cursor.next()) return true;
        continue;
      }
      if (here.isComplete) leave(here);
      else {
        const now = directory.currentId();
        if (now === here.file.id || now === null) return false;
        // What was written between the read and the rotation is read before the log is left.
        here.isComplete = true;
        continue;
      }
      if (cursor.next()) return true;
    }
  };

  return {
    cursor,
    fill,
    finish: () => {
      cursor.finish();
      return cursor.next();
    },
    close: () => {
      place?.file.close();
      place = null;
    },
  };
}

/** Opens the first file of a log that is there: `.u` goes as soon as `.s` has come. */
function openFirst(directory: LogDirectory, { files }: Generation, warn: (message: string) => void): LogFile | null {
  for (const name of files) {
    try {
      const file = directory.open(name);
      if (file !== null) return file;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      warn(error.message);
    }
  }
  return null;
}

function lastKnown(known: ReadonlySet<string>, { old }: LogNames): Pick<Generation, "name"> | undefined {
  const last = old.findLast(({ label }) => known.has(label));
  return last === undefined ? undefined : { name: last.label };
}

/** A log without stamps begins when the one before it was rotated, which that one's name tells. */
function beginAfter(before: Pick<Generation, "name"> | undefined, cursor: LineCursor, stamps: StampReader): void {
  if (before === undefined || !before.name.startsWith("@")) return;
  if (stamps.read(Buffer.from(before.name, "latin1"), 0, before.name.length) > 0) cursor.begin(stamps.micros);
}
