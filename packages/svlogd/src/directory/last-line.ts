import { SystemError } from "@upkeep/linux/core/errno";
import { replaceFile } from "@upkeep/supervise/files/replace-file";

import type { Place } from "./place.ts";

/** The file that holds the last line of a log directory (`=`). */
export interface LastLine {
  set(line: Buffer): void;
  /** Writes the line that was set last, unless that has been done. */
  write(): void;
}

/** @param file its name; null: there is none. */
export function createLastLine(place: Place, file: string | null, warn: (message: string) => void): LastLine {
  let line: Buffer | null = null;
  return {
    set: (last) => {
      line = last;
    },
    write: () => {
      if (line === null || file === null) return;
      const text = line;
      line = null;
      try {
        replaceFile(place.path(file), `${place.name}/${file}`, text);
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        warn(error.message);
      }
    },
  };
}
