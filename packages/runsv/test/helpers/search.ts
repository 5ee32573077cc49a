import { spawnSync } from "node:child_process";

import type { HeldProcess } from "@upkeep/linux/process/held-process";
import { processInfo } from "@upkeep/linux/process/process-info";

import { findInheritances, type Inheritance, type Inheritances } from "../../src/adopt/find.ts";
import type { Process } from "../../src/core/moment.ts";
import type { SlotName } from "../../src/core/slot.ts";
import { startChildren, type Child } from "./child.ts";
import { makeDirectories } from "./directories.ts";
import { formerSupervision, recordedPlace, type RecordedPlace } from "./records.ts";

/** The run of the system that the records are of. */
export const system = formerSupervision.system ?? "";
/** The parent of the former supervisor. It is ours as well where we replace that supervisor. */
export const parent = formerSupervision.supervisor?.parent ?? "";
export const otherParent = "8 80";

/** Real directories and processes to search for what a slot has inherited. */
export interface Search {
  /** Makes a slot with its directories, on record as nothing yet. */
  make(slot?: SlotName): RecordedPlace;
  /** Starts a process that leads a session. */
  start: ReturnType<typeof startChildren>["start"];
  /** Starts a `./run` without a supervisor: it leads its session, and its parent has gone. */
  startOrphan(directory: string): number;
  findBoth(service: RecordedPlace, log: RecordedPlace | null): Inheritances;
  /** What the service alone has inherited. */
  find(place: RecordedPlace, ourParent?: string, ourSystem?: string | null): Inheritance | null;
  /** Ends all processes, and removes the directories. */
  end(): void;
}

const app = { name: "app", superviseDirectory: null } as const;

export function openSearch(name: string): Search {
  const directories = makeDirectories(name);
  const children = startChildren();
  const orphans: number[] = [];
  const held: HeldProcess[] = [];
  const search = (
    service: RecordedPlace,
    log: RecordedPlace | null,
    us: string | null,
    above: string,
  ): Inheritances => {
    const found = findInheritances(service, log, app, us, { self: null, parent: above });
    for (const one of [found.service, found.log]) if (one !== null && one.held !== null) held.push(one.held);
    return found;
  };
  return {
    make: (slot) => recordedPlace(directories.make(), slot),
    start: children.start,
    startOrphan: (directory) => {
      const pid = startOrphan(directory);
      orphans.push(pid);
      return pid;
    },
    findBoth: (service, log) => search(service, log, system, parent),
    find: (place, ourParent = parent, ourSystem = system) => search(place, null, ourSystem, ourParent).service,
    end: () => {
      for (const process of held) process.close();
      for (const pid of orphans) process.kill(pid, "SIGKILL");
      children.end();
      directories.remove();
    },
  };
}

function startOrphan(directory: string): number {
  const script = "setsid sleep 1000 >/dev/null 2>&1 </dev/null & echo $!";
  const { stdout } = spawnSync("sh", ["-c", script], { cwd: directory });
  const pid = Number(stdout.toString());
  for (;;) {
    const found = processInfo(pid);
    if (found === null) throw new Error("it has ended");
    if (found.session === pid) return pid;
  }
}

/** What names a child for good. */
export function asProcess({ pid }: Pick<Child, "pid">): Process {
  const info = processInfo(pid);
  if (info === null) throw new Error("it has ended");
  return { pid, group: info.group, startTicks: info.startTicks };
}
