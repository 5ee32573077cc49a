import { closeSync, openSync, readSync, statSync, truncateSync } from "node:fs";

import { wallClock } from "@upkeep/linux/time/clock";
import { attempt, SystemError } from "@upkeep/linux/core/errno";

import type { JournalFile } from "./journal-file.ts";
import {
  createJournal,
  createPlainJournal,
  type DirectoryRecord,
  emptyInput,
  type Journal,
  mostDirectories,
  nextBatch,
  noDirectory,
} from "./journal.ts";
import type { Messages } from "../messages.ts";
import { listOldLogs, type Place } from "../directory/old-log-files.ts";
import type { Recorded } from "./progress.ts";
import {
  createSkipping,
  type FoundLog,
  type FoundLogs,
  noticeUnnoticed,
  planDirectory,
  type Recovered,
  type Skipping,
  wholeLines,
} from "./recovery.ts";

/** What a directory has to do with the journal. */
export interface Claim {
  readonly journal: Journal;
  /** Number of its record; null: there is no room for one. */
  readonly number: number | null;
  readonly recovered: Recovered;
  /** Nothing is to be written of the batch that comes first. */
  readonly isPassedOver: boolean;
  /** What of that batch is in the log already; null: nothing. */
  readonly skipping: Skipping | null;
  readonly isInLoggedLine: boolean;
}

/** Keeps the journal of a logger, which is that of the first of its directories to be opened. */
export interface JournalKeeper {
  /**
   * A directory has been opened, and is locked for us; nothing has been done to its logs.
   *
   * @param look see `DirectoryRecord`. @param held number of the record that its predecessor under the same name had.
   */
  claim(place: Recorded, look: number, held: number | null): Claim;
  /** All directories have been opened that can be. */
  journal(): Journal;
  /** There is nothing to be left to a successor any more. */
  remove(): void;
}

/** What a keeper needs of its surroundings. */
export interface KeeperPorts {
  /** Opens the journal that is named after a directory. Throws SystemError. */
  readonly openFile: (place: Recorded) => JournalFile;
  readonly bufferSize: number;
  /** How much is read at a time. */
  readonly chunk: number;
  readonly say: Messages;
}

export function createJournalKeeper({ openFile, bufferSize, chunk, say }: KeeperPorts): JournalKeeper {
  let file: JournalFile | null = null;
  let journal: Journal | null = null;
  let records: readonly DirectoryRecord[] = [];
  const taken = new Set<number>();
  let isAnyFresh = false;
  let isOpening = true;

  const open = (place: Recorded): Journal => {
    try {
      file = openFile(place);
      const opened = createJournal(file.memory);
      noticeUnnoticed(opened, chunk, wallClock());
      return opened;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      say.info(`${error.message}, lines in memory will not outlive this process`);
      return createPlainJournal(bufferSize);
    }
  };

  /** The record of that directory, or a free one. */
  const numberFor = ({ device, inode }: Recorded): number | null => {
    const own = records.findIndex((record) => record.device === device && record.directory === inode);
    const free = records.findIndex((record, number) => record.directory === 0 && !taken.has(number));
    const number = own === -1 ? free : own;
    if (number === -1) return null;
    taken.add(number);
    return number;
  };

  return {
    claim: (place, look, held) => {
      const all = (journal ??= open(place));
      if (records.length === 0) records = Array.from({ length: mostDirectories }, (_, at) => all.directory(at));
      const number = held ?? numberFor(place);
      const record = number === null ? undefined : records[number];
      const nothing: Claim = {
        journal: all,
        number,
        recovered: { kind: "stale" },
        isPassedOver: isOpening,
        skipping: null,
        isInLoggedLine: false,
      };
      if (!isOpening || record === undefined || record.directory === 0) return nothing;
      const { isInLoggedLine } = record;
      try {
        const recovered = planDirectory(all.input(), record, findLogs(place), look);
        if (recovered.kind === "stale") return nothing;
        isAnyFresh = true;
        if (recovered.kind === "complete") return { ...nothing, recovered, isInLoggedLine };
        const { done, tail } = mend(place, recovered);
        const skipping = createSkipping(done, tail);
        return { ...nothing, recovered: { ...recovered, done }, isPassedOver: false, skipping, isInLoggedLine };
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        say.warning(error.message);
        return nothing;
      }
    },
    journal: () => {
      isOpening = false;
      const all = (journal ??= createPlainJournal(bufferSize));
      if (!isAnyFresh) forget(all);
      records = records.map((record, number) => {
        if (taken.has(number)) return record;
        all.setDirectory(number, noDirectory);
        return noDirectory;
      });
      return all;
    },
    remove: () => file?.remove(),
  };
}

/** What was left is of no use. */
function forget(journal: Journal): void {
  const input = journal.input();
  const buffer = input.buffer === 0 ? 1 : 0;
  journal.buffers[buffer].fill(0);
  journal.setInput({ ...emptyInput, batch: nextBatch(input), buffer });
}

function findLogs(place: Place): FoundLogs {
  const newest = listOldLogs(place, "want recover").findLast(({ state }) => state !== "t");
  return { current: find(place, "current"), newest: newest === undefined ? null : find(place, newest.name) };
}

function find(place: Place, name: string): FoundLog | null {
  const found = attempt(`stat ${name}: ${place.name}`, () => statSync(place.path(name), { throwIfNoEntry: false }));
  return found === undefined ? null : { name, inode: found.ino, size: found.size };
}

/**
 * Reads what of the batch is in the log. If that ends in the start of a line it is cut off, so that the
 * line will be whole elsewhere; but not where the line has begun in an earlier batch, or is in an old log.
 */
function mend(
  place: Place,
  { log, base, done }: Recovered & { readonly kind: "part" },
): { readonly done: number; readonly tail: Uint8Array } {
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
