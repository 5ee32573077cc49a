import { fstatSync, statSync } from "node:fs";

import type { ServiceDirectory } from "@upkeep/service-directory/files/directory";

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
