import { fstatSync, readlinkSync, statSync } from "node:fs";

import type { ServiceDirectory } from "@upkeep/service-directory/directory";
import { ancestorPids, listProcesses } from "@upkeep/syscalls/process-info";

import type { Process } from "./process.ts";
import type { SlotName } from "./slot.ts";
import { belongs, mayBeStarted, theOnly, type Ties } from "./started.ts";
import type { Former, Starting } from "./trace.ts";

/** Where a slot's processes are started. */
export interface Place {
  readonly slot: SlotName;
  readonly directory: ServiceDirectory;
  readonly hasSession: boolean;
}

/**
 * Looks once through all processes for the one that a former supervisor was about to start; null when there is none, or
 * when it cannot be told from others.
 */
export function findStarted({ trace }: Former, starting: Starting, place: Place): Process | null {
  const { slot, directory, hasSession } = place;
  const above = ancestorPids();
  const reapers = new Set([1, ...above]);
  const others = new Set([process.pid, ...above]);
  const around = { hasSession, supervisor: trace.supervisor, reapers, others };
  return theOnly(
    listProcesses()
      .filter((one) => mayBeStarted(one, starting, around))
      .filter((one) => one.pid === starting.pid || belongs(slot, tiesOf(one.pid, directory, trace.logPipe))),
  );
}

function tiesOf(pid: number, directory: ServiceDirectory, logPipe: number | null): Ties {
  const isPipe = (fd: number): boolean => logPipe !== null && linkOf(`/proc/${pid}/fd/${fd}`) === `pipe:[${logPipe}]`;
  return { isInDirectory: isWorkingIn(pid, directory), onLogPipe: [0, 1, 2].filter(isPipe) };
}

function isWorkingIn(pid: number, directory: ServiceDirectory): boolean {
  try {
    const ours = fstatSync(directory.fd);
    const its = statSync(`/proc/${pid}/cwd`);
    return its.dev === ours.dev && its.ino === ours.ino;
  } catch {
    return false;
  }
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
