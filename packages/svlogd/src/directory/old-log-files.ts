import { existsSync, readdirSync, statSync, unlinkSync } from "node:fs";
import { unlink } from "node:fs/promises";

import { attempt, attemptUnlessAbsent, errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";
import { wallClock } from "@upkeep/linux/time/clock";

import type { LogConfig } from "../core/config.ts";
import { latestLabel, nextLabel, oldLogs, planPrune, type OldLog } from "../core/rotation.ts";
import type { Messages } from "../messages.ts";
import type { Place } from "./place.ts";

/** The old logs in a directory, the oldest first. Throws SystemError. */
export function listOldLogs(place: Place, why: string): readonly OldLog[] {
  return oldLogs(attempt(`read directory, ${why}: ${place.name}`, () => readdirSync(place.path("."))));
}

/**
 * Names the logs of a directory that end. Calls return a name that no log has yet, with the state behind it; they
 * throw SystemError.
 */
export function createNaming(place: Place): (state: "s" | "u") => string {
  /** The last label given here; null: not looked up yet. */
  let latest: string | null = null;
  return (state) => {
    latest ??= latestLabel(listOldLogs(place, "want rotate"));
    do latest = nextLabel(wallClock(), latest);
    while (existsSync(place.path(`${latest}.s`)) || existsSync(place.path(`${latest}.u`)));
    return `${latest}.${state}`;
  };
}

/**
 * Removes the logs that are too many for the settings: see `planPrune`. The system takes so long to free what a file
 * held that lines would have to wait, so a thread does it. Rejects with SystemError.
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
  // At once: a processor that begins while a thread is at work makes such a file anew.
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
