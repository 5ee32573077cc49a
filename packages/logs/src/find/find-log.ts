import { readdirSync, realpathSync } from "node:fs";
import { basename, resolve } from "node:path";

import { isThere, readTextOrNull } from "@upkeep/linux/fd/files";
import { readStatusFile } from "@upkeep/supervise/files/status-file";
import { supervisePath } from "@upkeep/supervise/place/supervise-path";

import { sortLogNames } from "../core/old-logs.ts";
import { loggerInScript, type LoggerCommand } from "../core/logger-command.ts";
import { findLoggerProcess } from "./logger-process.ts";

/** Where a log is. */
export interface FoundLog {
  readonly directory: string;
  /** Null where only the directory was found. */
  readonly logger: LoggerCommand["logger"] | null;
}

/** Where it was looked for in vain. */
export interface NoLog {
  readonly directory: null;
  readonly lookedAt: readonly string[];
}

/**
 * Finds where the log service of a service writes to: as the running logger says, then as `log/run` says, then at the usual places.
 * Of several directories the first one counts.
 *
 * @param path the service directory.
 */
export function findLog(path: string): FoundLog | NoLog {
  const lookedAt: string[] = [];
  const log = `${path}/log`;
  const name = basename(realOr(path));
  for (const { logger, directories } of [...runningLogger(log), ...scriptedLogger(log), usualPlaces(log, name)]) {
    for (const directory of directories) {
      if (isLogDirectory(directory)) return { directory, logger };
      if (!lookedAt.includes(directory)) lookedAt.push(directory);
    }
  }
  return { directory: null, lookedAt };
}

/** Within a rotation there is no `current`, but the log that it was has another name. */
function isLogDirectory(directory: string): boolean {
  const hasCurrent = (): boolean => isThere(`${directory}/current`);
  // A log that goes from name to name while the directory is read may be missed under all of them.
  return hasCurrent() || hasOldLogs(directory) || hasCurrent();
}

function hasOldLogs(directory: string): boolean {
  try {
    const { old, previous } = sortLogNames(readdirSync(directory));
    return old.length > 0 || previous !== null;
  } catch {
    return false;
  }
}

interface Candidate {
  readonly logger: FoundLog["logger"];
  readonly directories: readonly string[];
}

function runningLogger(log: string): readonly Candidate[] {
  try {
    const record = readStatusFile(`${supervisePath(log)}/status`, "log/supervise/status");
    if (record === null || record.pid === 0 || record.state !== "run") return [];
    const found = findLoggerProcess(record.pid, log);
    return found === null ? [] : [found];
  } catch {
    // There is no log service, or it is not ours to look at.
    return [];
  }
}

function scriptedLogger(log: string): readonly Candidate[] {
  const found = loggerInScript(readTextOrNull(`${log}/run`, { mayBeLink: true }) ?? "");
  if (found === null) return [];
  const base = realOr(log);
  return [{ ...found, directories: found.directories.map((directory) => resolve(base, directory)) }];
}

function usualPlaces(log: string, name: string): Candidate {
  const inside = ["main", "."].map((place) => (place === "." ? log : `${log}/${place}`));
  const outside = ["", "sv/", "runit/"].map((place) => `/var/log/${place}${name}`);
  return { logger: null, directories: [...inside, ...outside] };
}

function realOr(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
