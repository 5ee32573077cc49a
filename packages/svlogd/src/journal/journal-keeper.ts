import { errno, SystemError } from "@upkeep/linux/core/errno";
import { wallClock } from "@upkeep/linux/time/clock";
import type { WallTime } from "@upkeep/supervise/core/tai64n";

import { type DirectoryRecord, emptyInput, nextBatch, noDirectory } from "../core/journal-record.ts";
import { planDirectory } from "../core/recovery.ts";
import type { KnownPlace } from "../directory/place.ts";
import type { Messages } from "../messages.ts";
import { findLogs, mendLog } from "./found-logs.ts";
import type { JournalFile } from "./journal-file.ts";
import { createJournal, createPlainJournal, type Journal, mostDirectories } from "./journal.ts";
import { createSkipping, type Skipping } from "./skipping.ts";

/** What a directory has to do with the journal. */
export interface Claim {
  readonly journal: Journal;
  /** Number of its record; null: there is no room for one. */
  readonly number: number | null;
  /** Number of the batch that comes first, and how much of it is in logs already. */
  readonly batch: number;
  readonly done: number;
  /** Whether nothing is to be written of that batch. */
  readonly isPassedOver: boolean;
  /** Finds what of it is in the log already; null: nothing is. */
  readonly skipping: Skipping | null;
  /** Whether the rest of a long line, at its start, belongs into the log. */
  readonly isInLoggedLine: boolean;
}

/** Keeps the journal of a logger, which is named after the directory that it opens first. */
export interface JournalKeeper {
  /**
   * Takes up the record of a directory that is open and locked, before anything is done to its logs.
   *
   * @param format see `DirectoryRecord`. @param held number of the record that the log before under the name had.
   */
  claim(place: KnownPlace, format: number, held: number | null): Claim;
  /** Ends the opening: all directories that can be opened are open. Returns the journal to go on with. */
  journal(): Journal;
  /** Removes the journal: a successor needs nothing of it. */
  remove(): void;
}

export interface KeeperPorts {
  /** Opens the journal that is named after a directory. Throws SystemError. */
  readonly openFile: (place: KnownPlace) => JournalFile;
  readonly bufferSize: number;
  /** How much is read at a time. */
  readonly chunk: number;
  readonly say: Messages;
}

export function createJournalKeeper(ports: KeeperPorts): JournalKeeper {
  let opened: OpenJournal | null = null;
  /** Whether what a killed logger has left is of use for any directory. */
  let isAnyFresh = false;
  let isOpening = true;
  return {
    claim: (place, format, held) => {
      const { journal, records } = (opened ??= openJournal(place, ports));
      const number = held ?? records.numberFor(place);
      const record = isOpening && number !== null ? records.found(number) : noDirectory;
      const input = journal.input();
      const batch = nextBatch(input);
      const nothing = {
        journal,
        number,
        batch,
        done: 0,
        skipping: null,
        isPassedOver: isOpening,
        isInLoggedLine: false,
      };
      if (record.directory === 0) return nothing;
      const { isInLoggedLine } = record;
      try {
        const plan = planDirectory(input, record, findLogs(place), format);
        if (plan.kind === "stale") return nothing;
        isAnyFresh = true;
        if (plan.kind === "complete") return { ...nothing, isInLoggedLine };
        const { done, tail } = mendLog(place, plan);
        const skipping = createSkipping(done, tail);
        return { ...nothing, batch: input.batch, done, skipping, isPassedOver: false, isInLoggedLine };
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        ports.say.warning(error.message);
        return nothing;
      }
    },
    journal: () => {
      isOpening = false;
      opened ??= { file: null, ...withRecords(createPlainJournal(ports.bufferSize)) };
      if (!isAnyFresh) forget(opened.journal);
      opened.records.freeOthers();
      return opened.journal;
    },
    remove: () => opened?.file?.remove(),
  };
}

interface OpenJournal {
  /** Null: it does not outlive this process. */
  readonly file: JournalFile | null;
  readonly journal: Journal;
  readonly records: Records;
}

function openJournal(place: KnownPlace, { openFile, bufferSize, chunk, say }: KeeperPorts): OpenJournal {
  try {
    const file = openFile(place);
    const journal = createJournal(file.memory);
    noticeUnnoticed(journal, chunk, wallClock());
    return { file, ...withRecords(journal) };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    // What somebody else has put in its place does not go away by itself.
    const tell = error.errno === errno.EPERM ? say.warning : say.info;
    tell(`${error.message}, lines in memory will not outlive this process`);
    return { file: null, ...withRecords(createPlainJournal(bufferSize)) };
  }
}

/**
 * Notices bytes that a killed logger had read and not yet recorded: behind what waited, they are not zero. Their
 * lines began before `now`, which counts as their time.
 */
export function noticeUnnoticed(journal: Journal, chunk: number, now: WallTime): void {
  const input = journal.input();
  if (input.isReceived) return;
  const room = journal.buffers[input.buffer].subarray(input.waiting, input.waiting + chunk);
  const count = room.findLastIndex((byte) => byte !== 0) + 1;
  if (count > 0) journal.setInput({ ...input, isReceived: true, count, time: now });
}

/** Forgets the batch that a killed logger has left. */
function forget(journal: Journal): void {
  const input = journal.input();
  const buffer = input.buffer === 0 ? 1 : 0;
  journal.buffers[buffer].fill(0);
  journal.setInput({ ...emptyInput, batch: nextBatch(input), buffer });
}

/** Tells which record of a journal belongs to which directory. */
interface Records {
  /** The record of that directory, or a free one; null: there is none. It is taken from now on. */
  numberFor(place: KnownPlace): number | null;
  /** The record as the logger before us left it. */
  found(number: number): DirectoryRecord;
  /** Frees all records that have not been taken. */
  freeOthers(): void;
}

function withRecords(journal: Journal): { readonly journal: Journal; readonly records: Records } {
  let found = Array.from({ length: mostDirectories }, (_, at) => journal.directory(at));
  const taken = new Set<number>();
  const records: Records = {
    numberFor: ({ device, inode }) => {
      const own = found.findIndex((record) => record.device === device && record.directory === inode);
      const free = found.findIndex((record, number) => record.directory === 0 && !taken.has(number));
      const number = own === -1 ? free : own;
      if (number === -1) return null;
      taken.add(number);
      return number;
    },
    found: (number) => found[number] ?? noDirectory,
    freeOthers: () => {
      found = found.map((record, number) => {
        if (taken.has(number)) return record;
        journal.setDirectory(number, noDirectory);
        return noDirectory;
      });
    },
  };
  return { journal, records };
}
