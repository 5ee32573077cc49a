import { chmodSync, closeSync, constants, existsSync, openSync, renameSync, unlinkSync } from "node:fs";

import { duplicateAbove } from "@upkeep/linux/fd/descriptor";
import { attempt, attemptUnlessAbsent } from "@upkeep/linux/core/errno";

import { listOldLogs } from "../directory/old-log-files.ts";
import type { Place } from "../directory/place.ts";
import { syncInBackground } from "../directory/sync.ts";

/** The descriptors that a processor sees as 0, 1, 4 and 5. */
export interface ProcessorFiles {
  readonly input: number;
  readonly output: number;
  readonly state: number;
  readonly newState: number;
  close(): void;
}

const { O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } = constants;
const createMode = 0o644;
const finishedMode = 0o744;
/** The child uses the numbers below for its own. */
const lowestDescriptor = 10;

/**
 * The oldest log that is to be processed; null when there is none. A log whose processed form is there was processed
 * before a crash, as only a processor that succeeds leads to that. Such a log is finished first. Throws SystemError.
 */
export function nextUnprocessed(place: Place): string | null {
  for (const { label, state } of listOldLogs(place, "want processor")) {
    if (state !== "u") continue;
    if (!existsSync(place.path(`${label}.s`))) return label;
    conclude(place, label);
  }
  return null;
}

/**
 * Opens what the processor of a log needs. Throws SystemError.
 *
 * The files that it writes to are made anew: a processor that has outlived a killed svlogd may still write to the old
 * ones.
 */
export function openProcessorFiles(place: Place, label: string): ProcessorFiles {
  const open: number[] = [];
  const close = (): void => open.splice(0).forEach((fd) => closeSync(fd));
  const add = (entry: string, flags: number, operation: string): number => {
    return attempt(`${operation} for processor: ${place.name}`, () => {
      const fd = openSync(place.path(entry), flags, createMode);
      try {
        open.push(duplicateAbove(fd, lowestDescriptor));
      } finally {
        closeSync(fd);
      }
      return open.at(-1) ?? fd;
    });
  };
  const renew = (entry: string): void => {
    attemptUnlessAbsent(`unlink processor leftover: ${place.name}/${entry}`, () => unlinkSync(place.path(entry)));
  };
  try {
    renew(`${label}.t`);
    renew("newstate");
    return {
      input: add(`${label}.u`, O_RDONLY, "open input"),
      output: add(`${label}.t`, O_WRONLY | O_TRUNC | O_CREAT, "open output"),
      state: add("state", O_RDONLY | O_CREAT, "open state"),
      newState: add("newstate", O_WRONLY | O_TRUNC | O_CREAT, "open newstate"),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Puts the output in the place of the log, which goes only when the output is on the disk. Rejects with SystemError. */
export async function finishProcessed(place: Place, label: string, output: number): Promise<void> {
  await syncInBackground(output, `fsync processed: ${place.name}`);
  attempt(`rename processed: ${place.name}`, () => renameSync(place.path(`${label}.t`), place.path(`${label}.s`)));
  attempt(`set mode of processed: ${place.name}`, () => chmodSync(place.path(`${label}.s`), finishedMode));
  conclude(place, label);
}

/** Forgets the output of a processor that did not succeed. */
export function dropOutput(place: Place, label: string): void {
  try {
    unlinkSync(place.path(`${label}.t`));
  } catch {
    // There may be none. If it stays, the next rotation removes it.
  }
}

/** Takes the new state, and removes the log. In this order: if we are killed in between, the log is found again. */
function conclude(place: Place, label: string): void {
  attemptUnlessAbsent(`rename state: ${place.name}`, () => renameSync(place.path("newstate"), place.path("state")));
  attemptUnlessAbsent(`unlink: ${place.name}/${label}.u`, () => unlinkSync(place.path(`${label}.u`)));
}
