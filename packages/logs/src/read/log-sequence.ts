import { SystemError } from "@upkeep/linux/core/errno";

import { type Generation, generationsAfter, isSameListing, type LogNames } from "../core/old-logs.ts";
import type { LogDirectory } from "./log-directory.ts";
import type { LogFile } from "./log-file.ts";

/** A log that has been opened. */
export interface OpenedLog {
  readonly file: LogFile;
  readonly isCurrent: boolean;
  /** The label or name of the log before it; null: there is none. */
  readonly before: string | null;
}

/** The logs of a directory, one after the other. */
export interface LogSequence {
  /** Opens the log that comes next; null: there is none now. */
  open(): OpenedLog | null;
  /** Whether there is one after the log that was opened last, where there was no `current` a moment ago. */
  hasNext(): boolean;
  /** The log that was opened last has been read. */
  pass(): void;
}

/**
 * A log may change its name (`current`, `previous`, `@...u`, `@...s`) and its file (when it is processed), but not its
 * place in the order. So it counts: `known` are labels that have been read or skipped, and `done` is the number of logs
 * after them that have been read.
 *
 * @param warn is told of a log that cannot be read; it is left out.
 */
export function createLogSequence(
  directory: LogDirectory,
  first: ReadonlySet<string>,
  warn: (message: string) => void,
): LogSequence {
  let known = first;
  let done = 0;

  /**
   * Whether the directory is as it was listed. A listing may miss a log that goes from name to name meanwhile, but a log has
   * fewer names than that makes readings. That `current` is the same file, if there is one, tells that there was no rotation.
   */
  const isStill = (names: LogNames, current: string | null): boolean =>
    isSameListing(names, directory.list()) && directory.currentId() === current;

  const open = (): OpenedLog | null => {
    for (;;) {
      const current = directory.currentId();
      const names = directory.list();
      const generations = generationsAfter(known, names);
      const generation = generations[done];
      if (generation === undefined) {
        if (isStill(names, current)) return null;
        continue;
      }
      const file = openFirst(directory, generation, warn);
      const isCurrent = generation.name === "current";
      // The names `current` and `previous` may have come to stand for later logs since the listing, and a log may have gone to
      // its next name. The label of an old log stands for nothing else.
      const isSame = isStill(names, current);
      if (file !== null && (isSame || generation.name.startsWith("@"))) {
        const before = generations[done - 1]?.name ?? lastKnown(known, names);
        if (isCurrent) begin(names);
        return { file, isCurrent, before };
      }
      file?.close();
      if (!isSame) continue;
      // It cannot be read, as a warning says. What cannot be read now and is written to may become readable.
      if (isCurrent) return null;
      done += 1;
    }
  };

  /** Only what comes after `current` counts from now on. */
  const begin = (names: LogNames): void => {
    known = new Set(names.old.map(({ name }) => name));
    done = names.previous === null ? 0 : 1;
  };
  return {
    open,
    hasNext: () => {
      for (;;) {
        const names = directory.list();
        if (generationsAfter(known, names).length > done + 1) return true;
        if (isStill(names, null)) return false;
      }
    },
    pass: () => void (done += 1),
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

function lastKnown(known: ReadonlySet<string>, { old }: LogNames): string | null {
  return old.findLast(({ name }) => known.has(name))?.name ?? null;
}
