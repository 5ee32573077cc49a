import { readdirSync, statSync } from "node:fs";

import { attempt } from "@upkeep/linux/core/errno";

import { isSameListing, type LogNames, sortLogNames } from "../core/old-logs.ts";
import { identify, type LogFile, openLogFile } from "./log-file.ts";

/** A directory that a logger writes to. */
export interface LogDirectory {
  /** What it holds. Throws SystemError. */
  list(): LogNames;
  /** Null where there is no such file. Throws SystemError. */
  open(file: string): LogFile | null;
  /** The {@link LogFile.id} of what is called `current` now; null: there is nothing. */
  currentId(): string | null;
}

export function logDirectoryAt(path: string): LogDirectory {
  return {
    list: createListing(() => attempt(`open directory ${path}`, () => readdirSync(path))),
    open: (file) => openLogFile(`${path}/${file}`),
    currentId: () => {
      try {
        return identify(statSync(`${path}/current`, { bigint: true }));
      } catch {
        return null;
      }
    },
  };
}

/** More listings than a logger can spoil one after the other. */
const mostListings = 100;

/**
 * Lists a directory. A log that gets another name while a large directory is read may be missed under both names, so two
 * listings must agree. Names that have not changed since the last time are not sorted again: a directory may hold thousands.
 */
export function createListing(readNames: () => readonly string[]): () => LogNames {
  let names: readonly string[] = [];
  let sorted = sortLogNames(names);
  const read = (): LogNames => {
    const found = readNames();
    const isSame = found.length === names.length && found.every((name, index) => name === names[index]);
    if (!isSame) sorted = sortLogNames(found);
    names = found;
    return sorted;
  };
  return () => {
    let last = read();
    for (let count = 1; count < mostListings; count++) {
      const now = read();
      if (isSameListing(last, now)) break;
      last = now;
    }
    return last;
  };
}
