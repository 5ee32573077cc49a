import { fstatSync, statSync } from "node:fs";

import { ancestorPids } from "@upkeep/linux/process/process-info";
import type { ServiceDirectory } from "@upkeep/service-directory/files/directory";

import type { Kinship } from "../core/adopt/record.ts";
import type { SlotName } from "../core/slot.ts";

/** Where the entries of a supervise directory are. */
export interface SuperviseEntries {
  /** Returns the path of an entry, and what messages call it. */
  readonly at: (entry: string) => readonly [path: string, name: string];
}

/** A slot and its directories. */
export interface Place {
  readonly slot: SlotName;
  readonly directory: ServiceDirectory;
  readonly files: SuperviseEntries;
  /** Whether its `./run` leads a session of its own. */
  readonly hasSession: boolean;
}

/** Our place among the processes of the machine. */
export function findKinship(): Kinship {
  const ancestors = ancestorPids();
  return { reapers: new Set([1, ...ancestors]), others: new Set([process.pid, ...ancestors]) };
}

/** Whether that is the working directory of a process. */
export function isWorkingIn(pid: number, directory: ServiceDirectory): boolean {
  try {
    const ours = fstatSync(directory.fd, { bigint: true });
    const its = statSync(`/proc/${pid}/cwd`, { bigint: true });
    return its.dev === ours.dev && its.ino === ours.ino;
  } catch {
    return false;
  }
}
