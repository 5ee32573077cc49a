import { errno } from "@upkeep/linux/core/errno";
import { isThere } from "@upkeep/linux/fd/files";
import { isLockHolder } from "@upkeep/linux/fd/lock";
import { inReach } from "@upkeep/linux/fd/reach";
import { holdProcess, type HeldProcess } from "@upkeep/linux/process/held-process";
import { processInfo, systemRun } from "@upkeep/linux/process/process-info";
import { sendSignal } from "@upkeep/linux/signal/signal";
import { decodeStateJson, type StateRecord } from "@upkeep/supervise/core/state-json";
import { readOwnFile } from "@upkeep/supervise/files/own-file";
import { findPlaces } from "@upkeep/supervise/place/places";
import { findSupervise, supervisePath } from "@upkeep/supervise/place/supervise-path";

import { isAtRest, supervisorOf } from "../core/orphan.ts";

/**
 * Gets hold of the runsv of a service directory that lives on although its parent has gone; null where there is none.
 *
 * `state.json` names it, and the kernel must confirm that this process holds the lock of the supervise directory. So
 * nobody can make us signal another process, whatever stands in the file.
 */
export function holdOrphanedRunsv(service: string): HeldProcess | null {
  return inReach(service, (path) => {
    // At a first start there is nothing. This question costs less than the exception that would tell.
    if (!isThere(`${path}/supervise`) && findPlaces(path).length === 0) return null;
    const { path: supervise, isListening } = findSupervise(path);
    // Most often nobody is there any more, and then no file need be read.
    return isListening === false ? null : holdOrphanIn(supervise);
  });
}

function holdOrphanIn(supervise: string): HeldProcess | null {
  const record = readRecord(supervise);
  const found = record === null ? null : supervisorOf(record, systemRun());
  // An exception costs more than this question, and all services may name the same one, which is gone.
  if (found === null || sendSignal(found.pid, 0) === errno.ESRCH) return null;
  const info = processInfo(found.pid);
  // First what costs little.
  if (info === null || info.startTicks !== found.startTicks) return null;
  // The kernel gives a process another parent when its own one has ended.
  if (info.parent === found.parent || !isLockHolder(found.pid, `${supervise}/lock`)) return null;
  return holdProcess(found.pid, found.startTicks);
}

/** Whether something of a service, or of its log, may still run without a runsv. */
export function hasLeftovers(service: string): boolean {
  return inReach(service, (path) => {
    const own = readRecord(supervisePath(path));
    const log = readRecord(supervisePath(`${path}/log`));
    return own === null || !isAtRest(own) || (log !== null && !isAtRest(log));
  });
}

function readRecord(supervise: string): StateRecord | null {
  const bytes = readOwnFile(supervise, "state.json");
  return bytes === null ? null : decodeStateJson(bytes.toString("utf8"));
}
