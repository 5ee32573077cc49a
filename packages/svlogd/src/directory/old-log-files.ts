import { readdirSync, statSync, unlinkSync } from "node:fs";
import { unlink } from "node:fs/promises";

import { attempt, attemptUnlessAbsent, errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";

import type { LogConfig } from "../core/config.ts";
import type { Messages } from "../messages.ts";
import { oldLogs, planPrune, type OldLog } from "../core/rotation.ts";

/** A log directory as far as its files are concerned. */
export interface Place {
  /** What messages call it: the name it was given. */
  readonly name: string;
  /** Path of an entry; it stays valid when the directory is renamed. */
  path(entry: string): string;
}

/** The old logs in a directory, the oldest first. Throws SystemError. */
export function listOldLogs(place: Place, why: string): readonly OldLog[] {
  return oldLogs(attempt(`read directory, ${why}: ${place.name}`, () => readdirSync(place.path("."))));
}

/**
 * Removes what the settings say is too much: see `planPrune`. To give back what a file held takes the
 * system long enough for lines to wait, so that a thread does it. Rejects with SystemError.
 */
export async function prune(place: Place, config: LogConfig, inProcess: string | null, say: Messages): Promise<void> {
  const logs = listOldLogs(place, "want rotate");
  const sizeOf = (name: string): number => {
    try {
      return statSync(place.path(name)).size;
    } catch {
      return 0;
    }
  };
  const plan = planPrune(logs, { ...config, inProcess, sizeOf });
  // At once: a processor that begins while a thread is about it makes such a file anew.
  for (const { name } of plan.filter((log) => log.state === "t")) removeNow(place, name, "unlink processor leftover");
  for (const { name } of plan.filter((log) => log.state !== "t")) {
    say.info(`delete: ${place.name}/${name}`);
    try {
      await unlink(place.path(name));
    } catch (error) {
      if (errnoOf(error) !== errno.ENOENT)
        throw SystemError.from(`unlink oldest logfile: ${place.name}/${name}`, error);
    }
  }
}

/**
 * Makes room on a full disk by removing the oldest log.
 *
 * @returns false when no more than `keepAtLeast` are left, or the settings keep them all anyway.
 */
export function removeOldest(place: Place, config: LogConfig, inProcess: string | null, say: Messages): boolean {
  if (config.keepAtLeast >= config.keep) return false;
  const logs = listOldLogs(place, "want remove old logfile").filter((log) => log.state !== "t");
  const oldest = logs.find((log) => log.label !== inProcess);
  if (oldest === undefined || logs.length <= config.keepAtLeast) return false;
  say.warning(`out of disk space, delete: ${place.name}/${oldest.name}`);
  removeNow(place, oldest.name, "unlink oldest logfile");
  return true;
}

function removeNow(place: Place, name: string, operation: string): void {
  // Somebody else may have removed it.
  attemptUnlessAbsent(`${operation}: ${place.name}/${name}`, () => unlinkSync(place.path(name)));
}
