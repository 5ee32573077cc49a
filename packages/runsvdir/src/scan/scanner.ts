import { errno, SystemError } from "@upkeep/linux/core/errno";

import { mustRead, noteReading, type Reading, type Stamp } from "../core/freshness.ts";
import type { Listed } from "../core/scan.ts";
import type { Guard, Taken } from "./guard.ts";
import { createOwnDirectory, TakenError, type OwnDirectory } from "./own-directory.ts";
import { readStamp, type FileCalls, type ScanDirectory } from "./scan-directory.ts";
import type { Watcher } from "./watcher.ts";

/** Scans the directory whenever there may be something new, and at least every 5 s. */
export interface Scanner {
  /**
   * Takes the scan directory if it is there; nothing is scanned before. Throws FatalError when another runsvdir has it.
   */
  claim(): Promise<void>;
  /** Scans now; `force`: even if the time stamp says that nothing has changed. */
  scan(force: boolean): void;
  /** Scans when a burst of hints is over. */
  hint(): void;
  /** The directory as the last scan found it. */
  current(): ScanDirectory | null;
  /** Gives the scan directory back, for good: nothing is scanned any more. */
  release(): void;
}

export interface Ports {
  readonly guard: Guard;
  readonly watcher: Watcher;
  readonly files: FileCalls;
  readonly now: () => number;
  /** Sets a timer, in ms; the result cancels it. */
  readonly later: (action: () => void, millis: number) => () => void;
  readonly warn: (message: string) => void;
  readonly onListing: (listing: readonly Listed[]) => void;
  /** A scan is over, with or without a listing. */
  readonly onLook: () => void;
}

/** Time between two scans, in ms, normally and after trouble. */
const period = 5000;
const periodInTrouble = 1000;
/**
 * Hints come in bursts: one scan waits this long, in ms, to answer for all, and longer where a scan takes long. `ln -sfn`
 * makes its link under a passing name, which a scan should not meet.
 */
const burst = 10;
const restPerScan = 4;
/**
 * How often and how long, in ms, a start waits while another runsvdir finds out who has the directory: half a minute,
 * because that may be slow on a crowded machine.
 */
const claimTries = 3000;
const claimPause = 10;

export function createScanner(path: string, ports: Ports): Scanner {
  const { guard, files, later, warn, onLook } = ports;
  const own = createOwnDirectory(path, guard, files);
  const reader = createReader(path, own, ports);
  let isClaimed = false;
  let complaint: string | null = null;
  let cancelNext = (): void => {};
  let cancelHinted: (() => void) | null = null;

  const tryClaim = (): Taken => {
    try {
      return own.take(own.open(readStamp(path, files)));
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      // The first scan reports what is wrong, and takes the directory when it is there.
      return { kind: "held" };
    }
  };

  const scan = (force: boolean): void => {
    if (!isClaimed) return;
    cancelNext();
    cancelHinted?.();
    cancelHinted = null;
    let pause = period;
    try {
      reader.read(force);
      complaint = null;
    } catch (error) {
      if (!(error instanceof SystemError) && !(error instanceof TakenError)) throw error;
      if (error instanceof SystemError) pause = periodInTrouble;
      if (complaint !== error.message) warn(error.message);
      complaint = error.message;
    } finally {
      cancelNext = later(() => scan(false), pause);
      onLook();
    }
  };

  return {
    claim: async () => {
      for (let left = claimTries; left > 0; left--) {
        const taken = tryClaim();
        if (taken.kind === "refused") throw new TakenError(taken.pid, path);
        if (taken.kind === "held") break;
        await new Promise<void>((done) => later(done, claimPause));
      }
      isClaimed = true;
    },
    scan,
    hint: () => {
      cancelHinted ??= later(() => scan(true), Math.max(burst, reader.duration() * restPerScan));
    },
    current: own.current,
    release: () => {
      // The process may stay for a while, until each runsv has TERM. A scan would take the directory once more.
      isClaimed = false;
      cancelNext();
      own.release();
    },
  };
}

/** Reads the directory, and tells the watcher which one that is. */
interface Reader {
  /** Reads it if there may be something new, or by `force`. Throws SystemError, and TakenError. */
  read(force: boolean): void;
  /** How long the last complete reading took, in ms. */
  duration(): number;
}

function createReader(path: string, own: OwnDirectory, { watcher, files, now, onListing }: Ports): Reader {
  /** What the watcher was armed for; null: for a directory that is missing. */
  let watched: string | null | undefined;
  let reading: Reading | null = null;
  /** Whether the next reading must not be left out. */
  let isPending = true;
  let duration = 0;

  const watch = (identity: string | null): void => {
    if (watched === identity) return;
    watched = identity;
    watcher.arm(path);
  };

  /** The directory that the path means now. */
  const find = (): readonly [Stamp, ScanDirectory] => {
    try {
      const stamp = readStamp(path, files);
      const directory = own.open(stamp);
      watch(stamp.identity);
      return [stamp, directory];
    } catch (error) {
      watch(null);
      throw error;
    }
  };

  const read = (force: boolean): void => {
    const isCertain = force || isPending;
    isPending = true;
    const [stamp, directory] = find();
    const taken = own.take(directory);
    if (taken.kind === "refused") throw new TakenError(taken.pid, path);
    if (taken.kind === "busy") throw new SystemError("take scan directory", errno.EAGAIN);
    if (!isCertain && !mustRead(reading, stamp)) {
      isPending = false;
      return;
    }
    const began = now();
    reading = noteReading(reading, stamp, began);
    const listing = directory.list();
    duration = now() - began;
    // A name that could not be examined may be there next time, though the directory stays unchanged.
    isPending = listing.some(({ kind }) => kind === "failed");
    onListing(listing);
  };

  return { read, duration: () => duration };
}
