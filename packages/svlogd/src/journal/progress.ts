import { type DirectoryRecord, nextBatch, noDirectory } from "../core/journal-record.ts";
import type { CurrentFile } from "../directory/current-file.ts";
import type { KnownPlace } from "../directory/place.ts";
import type { Claim, JournalKeeper } from "./journal-keeper.ts";

/** Keeps the record of one log directory in the journal. */
export interface Progress {
  /** Number of the record; null: there is no room for one. */
  readonly number: number | null;
  /** Whether, at the start of the batch, the rest of a long line belongs into the log. */
  isInLoggedLine(): boolean;
  /** `current` has been opened, in the place of the log that lines went to before; null: that has been closed. */
  opened(before: CurrentFile | null, now: CurrentFile): void;
  /** Whether nothing of the batch is to be written. */
  isPassedOver(): boolean;
  /** Returns from where on bytes have to be written: a killed logger has written what is before that. */
  startOf(bytes: Uint8Array, from: number, to: number): number;
  /**
   * The batch is over. All of it is in the log, which has that size now; or, with `isWaiting`, some of it waits in
   * memory that is not the journal's.
   */
  settled(size: number, isWaiting: boolean, isInLoggedLine: boolean): void;
  /** Goes on with the record, for another directory or another format of lines. */
  renew(place: KnownPlace, format: number): Progress;
}

/**
 * Takes up what a killed logger has left for a directory, before anything is done to its logs.
 *
 * @param held number of the record that the log before under the same name had.
 */
export function claimProgress(keeper: JournalKeeper, place: KnownPlace, format: number, held: number | null): Progress {
  const claim = keeper.claim(place, format, held);
  const { batch, done, isInLoggedLine } = claim;
  const { device, inode: directory } = place;
  return createProgress(claim, { ...noDirectory, device, directory, format, batch, done, isInLoggedLine }, false);
}

/**
 * The size of the log tells how much has been written, so a record changes only with a batch or with another log.
 *
 * @param isFile whether the log is a regular file: nothing else has a size.
 */
function createProgress(claim: Claim, start: DirectoryRecord, isFile: boolean): Progress {
  const { journal, number } = claim;
  let record = start;
  let isRecorded = isFile;
  let isFirstBatch = true;

  const change = (changes: Partial<DirectoryRecord>): void => {
    record = { ...record, ...changes };
    if (number !== null) journal.setDirectory(number, isRecorded ? record : { ...record, batch: 0 });
  };
  return {
    number,
    isInLoggedLine: () => record.isInLoggedLine,
    opened: (before, now) => {
      const done = before === null ? record.done : record.done + before.size() - record.base;
      isRecorded = now.isRegular;
      change({ log: now.inode, base: now.size(), done });
    },
    isPassedOver: () => isFirstBatch && claim.isPassedOver,
    startOf: (bytes, from, to) => (isFirstBatch ? claim.skipping?.pass(from, to, bytes) : null) ?? from,
    settled: (size, isWaiting, isInLoggedLine) => {
      isFirstBatch = false;
      if (isWaiting && record.batch === 0) return;
      change({ batch: isWaiting ? 0 : nextBatch(journal.input()), base: size, done: 0, isInLoggedLine });
    },
    renew: ({ device, inode: directory }, format) =>
      createProgress(
        { ...claim, isPassedOver: false, skipping: null },
        { ...record, device, directory, format },
        isRecorded,
      ),
  };
}
