import { readdirSync, statSync } from "node:fs";

import { attempt } from "@upkeep/linux/core/errno";

import { isSameListing, type LogNames, sortLogNames } from "../core/old-logs.ts";
import { identify, type LogFile, openLogFile } from "./log-file.ts";

/** A directory that a logger writes to. */
export interface LogDirectory {
  /** The names in it. Throws SystemError. */
  names(): readonly string[];
  /** Null where there is no such file. Throws SystemError. */
  open(file: string): LogFile | null;
  /** The {@link LogFile.id} of what is called `current` now; null: there is nothing. */
  currentId(): string | null;
}

export function logDirectoryAt(path: string): LogDirectory {
  return {
    names: () => attempt(`open directory ${path}`, () => readdirSync(path)),
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
 * What a directory holds. Throws SystemError. A log that gets another name while a large directory is read may be missed under
 * both names, so two listings must agree.
 */
export function listLogs(directory: LogDirectory): LogNames {
  let last = sortLogNames(directory.names());
  for (let count = 1; count < mostListings; count++) {
    const names = sortLogNames(directory.names());
    if (isSameListing(last, names)) break;
    last = names;
  }
  return last;
}
