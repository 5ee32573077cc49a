import type { CurrentFile } from "../directory/current-file.ts";
import type { Claim, JournalKeeper } from "./journal-keeper.ts";
import { nextBatch } from "./journal.ts";
import type { Place } from "../directory/old-log-files.ts";

/** A log directory as far as the journal is concerned. */
export interface Recorded extends Place {
  readonly device: number;
  readonly inode: number;
}

/** Keeps the record of one log directory in the journal. */
export interface Progress {
  /**
   * The directory has been opened, and nothing done to its logs: takes up what a killed logger has left for
   * it. Returns whether the rest of a long line belongs into the log.
   */
  takeUp(): boolean;
  /** See `WriterPorts`. */
  opened(before: CurrentFile | null, now: CurrentFile): void;
  /** Nothing of the batch is to be written. */
  isPassedOver(): boolean;
  /** From where on bytes that are to be written have to be: what is before that, a killed logger has written. */
  startOf(bytes: Uint8Array, from: number, to: number): number;
  /**
   * All of the batch has been written to the log, which has that size now; or, with `isWaiting`, some of
   * it waits in memory that is not the journal's.
   */
  settled(size: number, isWaiting: boolean, isInLoggedLine: boolean): void;
}

/** What the progress of a directory needs of its surroundings. */
export interface ProgressPorts {
  readonly keeper: JournalKeeper;
  readonly place: () => Recorded;
  /** See `DirectoryRecord`. */
  readonly look: () => number;
}

/** The size of the log tells how much has been written: so there is something to record only when another log is begun. */
export function createProgress({ keeper, place, look }: ProgressPorts): Progress {
  let claim: Claim | null = null;
  let isFirstBatch = false;
  let log: CurrentFile | null = null;
  let batch = 0;
  let base = 0;
  let done = 0;
  let isInLoggedLine = false;

  const record = (): void => {
    if (claim === null || claim.number === null) return;
    const { device, inode: directory } = place();
    claim.journal.setDirectory(claim.number, {
      device,
      directory,
      look: look(),
      batch: log?.isRegular === true ? batch : 0,
      log: log?.inode ?? 0,
      base,
      done,
      isInLoggedLine,
    });
  };
  return {
    takeUp: () => {
      claim = keeper.claim(place(), look(), claim?.number ?? null);
      const { journal, recovered } = claim;
      const isPart = recovered.kind === "part";
      batch = isPart ? journal.input().batch : nextBatch(journal.input());
      done = isPart ? recovered.done : 0;
      ({ isInLoggedLine } = claim);
      isFirstBatch = true;
      return isInLoggedLine;
    },
    opened: (before, now) => {
      if (before !== null) done += before.size() - base;
      log = now;
      base = now.size();
      record();
    },
    isPassedOver: () => isFirstBatch && claim?.isPassedOver === true,
    startOf: (bytes, from, to) => (isFirstBatch ? claim?.skipping?.pass(from, to, bytes) : null) ?? from,
    settled: (size, isWaiting, isInLogged) => {
      isFirstBatch = false;
      if (claim === null || (isWaiting && batch === 0)) return;
      batch = isWaiting ? 0 : nextBatch(claim.journal.input());
      base = size;
      done = 0;
      isInLoggedLine = isInLogged;
      record();
    },
  };
}
