import { FatalError } from "@upkeep/program/process/run-program";

import type { Stamp } from "../core/freshness.ts";
import type { Guard, Taken } from "./guard.ts";
import { openScanDirectory, type FileCalls, type ScanDirectory } from "./scan-directory.ts";

/** The scan directory: open, and kept from other runsvdirs. */
export interface OwnDirectory {
  /** Opens the directory that the path means now, unless it is open already. Throws SystemError. */
  open(stamp: Stamp): ScanDirectory;
  /** Takes the directory that is open, unless it is ours already. */
  take(directory: ScanDirectory): Taken;
  /** The directory that was opened last. */
  current(): ScanDirectory | null;
  /** Gives it back. */
  release(): void;
}

export function createOwnDirectory(path: string, guard: Guard, files: FileCalls): OwnDirectory {
  let directory: ScanDirectory | null = null;
  let isHeld = false;

  const release = (): void => {
    if (isHeld) guard.release();
    isHeld = false;
  };

  return {
    open: ({ identity }) => {
      if (directory !== null && directory.identity === identity) return directory;
      const found = openScanDirectory(path, files);
      release();
      directory?.close();
      directory = found;
      return found;
    },
    take: (found) => {
      const taken: Taken = isHeld ? { kind: "held" } : guard.take(found.path);
      isHeld = taken.kind === "held";
      return taken;
    },
    current: () => directory,
    release,
  };
}

/** The scan directory is another runsvdir's. */
export class TakenError extends FatalError {
  constructor(pid: number, path: string) {
    super(`unable to take scan directory: already taken by another runsvdir (pid ${pid})`, path);
  }
}
