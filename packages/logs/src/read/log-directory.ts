import { readdirSync, statSync } from "node:fs";

import { attempt } from "@upkeep/linux/core/errno";

import { type LogNames, sortLogNames, unite } from "../core/old-logs.ts";
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

/** What a directory holds. Throws SystemError. */
export function listLogs(directory: LogDirectory): LogNames {
  return unite(sortLogNames(directory.names()), sortLogNames(directory.names()));
}
