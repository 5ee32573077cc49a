import { FatalError } from "@upkeep/program/process/run-program";
import { errno, SystemError } from "@upkeep/linux/core/errno";

import { mustRead, noteReading, type Reading, type Stamp } from "../core/freshness.ts";
import type { Guard, Taken } from "./guard.ts";
import type { Listed } from "../core/scan.ts";
import { openScanDirectory, readStamp, type ScanDirectory } from "./scan-directory.ts";
import type { Watcher } from "./watcher.ts";

/** Looks at the scan directory whenever there may be something new, and at least every 5 s. */
export interface Scanner {
  /**
   * Takes the scan directory if it is there; before that nothing is scanned. Throws FatalError when
   * another runsvdir has it.
   */
  claim(): Promise<void>;
  /** Looks now; `force`: even if its time stamp says that nothing has changed. */
  scan(force: boolean): void;
  /** Looks as soon as a burst of hints is over. */
  hint(): void;
  /** The directory as it was found last. */
  current(): ScanDirectory | null;
  /** Gives the scan directory back. */
  release(): void;
}

interface Ports {
  readonly guard: Guard;
  readonly watcher: Watcher;
  readonly now: () => number;
  readonly warn: (message: string) => void;
  readonly onListing: (listing: readonly Listed[]) => void;
}

/** Time between two looks, in ms, normally and after trouble. */
const period = 5000;
const periodInTrouble = 1000;
/**
 * Hints come in bursts: one scan waits this long, in ms, to answer for all, and longer where a scan takes
 * long. `ln -sfn` makes its link under a passing name, which had better not be seen.
 */
const burst = 10;
const restPerScan = 4;
/**
 * How often and how long, in ms, a start waits while another runsvdir is just looking who has the directory: half a
 * minute, as that one may have to wait for its turn on a crowded machine.
 */
const claimTries = 3000;
const claimPause = 10;

export function createScanner(path: string, { guard, watcher, now, warn, onListing }: Ports): Scanner {
  let directory: ScanDirectory | null = null;
  let isClaimed = false;
  let isHeld = false;
  /** null: there is one, and it is not watched yet. */
  let isMissing: boolean | null = null;
  let isPending = true;
  let reading: Reading | null = null;
  let complaint: string | null = null;
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Timeout | undefined;
  let lastDuration = 0;

  /** Opens the directory that the path means now, unless it is the one that is open. Throws SystemError. */
  const locate = ({ identity }: Stamp): ScanDirectory => {
    if (directory !== null && directory.identity === identity) return directory;
    const found = openScanDirectory(path);
    release();
    directory?.close();
    directory = found;
    reading = null;
    isMissing = null;
    return found;
  };

  const take = (found: ScanDirectory): Taken => {
    const taken: Taken = isHeld ? { kind: "held" } : guard.take(found.path);
    isHeld = taken.kind === "held";
    return taken;
  };

  const release = (): void => {
    if (isHeld) guard.release();
    isHeld = false;
  };

  /** When the directory has appeared, changed places with another or vanished: watches what is there now. */
  const noteMissing = (missing: boolean): void => {
    if (isMissing === missing) return;
    isMissing = missing;
    watcher.arm(path);
  };

  const look = (force: boolean): void => {
    let stamp: Stamp;
    let found: ScanDirectory;
    try {
      stamp = readStamp(path);
      found = locate(stamp);
    } catch (error) {
      noteMissing(true);
      throw error;
    }
    noteMissing(false);
    const taken = take(found);
    if (taken.kind === "refused") throw new TakenError(taken.pid);
    if (taken.kind === "busy") throw new SystemError("take scan directory", errno.EAGAIN);
    if (!force && !isPending && !mustRead(reading, stamp)) return;
    const began = now();
    reading = noteReading(reading, stamp, began);
    const listing = found.list();
    lastDuration = now() - began;
    // What could not be looked at may be there next time, without any change in the directory.
    isPending = listing.some(({ kind }) => kind === "failed");
    complaint = null;
    onListing(listing);
  };

  const tryClaim = (): Taken => {
    try {
      return take(locate(readStamp(path)));
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      // The first scan will say what is wrong with it, and take it when it is there.
      return { kind: "held" };
    }
  };

  const scan = (force: boolean): void => {
    if (!isClaimed) return;
    clearTimeout(timer);
    clearTimeout(soon);
    soon = undefined;
    let pause = period;
    try {
      look(force);
    } catch (error) {
      if (!(error instanceof SystemError) && !(error instanceof TakenError)) throw error;
      isPending = true;
      pause = error instanceof TakenError ? period : periodInTrouble;
      if (complaint !== error.message) warn(error.message);
      complaint = error.message;
    } finally {
      timer = setTimeout(() => scan(false), pause);
    }
  };

  return {
    claim: async () => {
      await guard.prepare();
      for (let left = claimTries; left > 0; left--) {
        const taken = tryClaim();
        if (taken.kind === "refused") throw new FatalError(new TakenError(taken.pid).message, path);
        if (taken.kind === "held") break;
        await new Promise((done) => setTimeout(done, claimPause));
      }
      isClaimed = true;
    },
    scan,
    hint: () => {
      soon ??= setTimeout(() => scan(true), Math.max(burst, lastDuration * restPerScan));
    },
    current: () => directory,
    release,
  };
}

/** The scan directory is another runsvdir's. */
class TakenError extends Error {
  override readonly name = "TakenError";

  constructor(pid: number) {
    super(`unable to take scan directory: already taken by another runsvdir (pid ${pid})`);
  }
}
