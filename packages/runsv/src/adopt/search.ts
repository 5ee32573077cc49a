import { fstatSync, statSync } from "node:fs";

import type { ServiceDirectory } from "@upkeep/service-directory/files/directory";
import { bootMillis } from "@upkeep/linux/time/clock";
import { ancestorPids, listProcesses } from "@upkeep/linux/process/process-info";

import type { Process } from "../core/moment.ts";
import { readLinkQuietly } from "./read-quietly.ts";
import type { SlotName } from "../core/slot.ts";
import { belongs, mayBeStarted, theOnly, type Candidate, type Ties } from "../core/started.ts";
import type { Former, Starting } from "../core/trace.ts";

/** Where a slot's processes are started. */
export interface Place {
  readonly slot: SlotName;
  readonly directory: ServiceDirectory;
  readonly hasSession: boolean;
}

/** Milliseconds for which a child may not have got as far as the session that it is known by. */
const birthPatience = 1000;
/** Milliseconds until the second look. */
const secondLook = 50;

/**
 * Looks through all processes for the one that a former supervisor was about to start; null when there is none, or when it
 * cannot be told from others. If it may have been born only now and is not to be seen, there is a second look.
 *
 * @param wait waits between the two.
 */
export function findStarted(
  former: Former,
  starting: Starting,
  place: Place,
  wait: (millis: number) => void = pause,
): Process | null {
  const found = candidatesOf(former, starting, place);
  if (found.length > 0 || bootMillis() - starting.at >= birthPatience) return theOnly(found);
  wait(secondLook);
  return theOnly(candidatesOf(former, starting, place));
}

/** Blocks: nothing is supervised before all has been found. */
function pause(millis: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millis);
}

function candidatesOf({ trace }: Former, starting: Starting, place: Place): readonly Candidate[] {
  const { slot, directory, hasSession } = place;
  const above = ancestorPids();
  const reapers = new Set([1, ...above]);
  const others = new Set([process.pid, ...above]);
  const around = { hasSession, supervisor: trace.supervisor, reapers, others };
  return listProcesses()
    .filter((one) => mayBeStarted(one, starting, around))
    .filter((one) => one.pid === starting.pid || belongs(slot, tiesOf(one.pid, directory, trace.logPipe)));
}

function tiesOf(pid: number, directory: ServiceDirectory, logPipe: number | null): Ties {
  const isPipe = (fd: number): boolean =>
    logPipe !== null && readLinkQuietly(`/proc/${pid}/fd/${fd}`) === `pipe:[${logPipe}]`;
  return { isInDirectory: isWorkingIn(pid, directory), onLogPipe: [0, 1, 2].filter(isPipe) };
}

function isWorkingIn(pid: number, directory: ServiceDirectory): boolean {
  try {
    const ours = fstatSync(directory.fd, { bigint: true });
    const its = statSync(`/proc/${pid}/cwd`, { bigint: true });
    return its.dev === ours.dev && its.ino === ours.ino;
  } catch {
    return false;
  }
}
