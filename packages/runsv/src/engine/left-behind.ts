import { fstatSync } from "node:fs";

import { readLinkOrNull, readTextOrNull } from "@upkeep/linux/fd/files";
import type { Pipe } from "@upkeep/linux/fd/pipe";
import {
  ancestorPids,
  hasEnded,
  listProcesses,
  processInfo,
  type ListedProcess,
} from "@upkeep/linux/process/process-info";
import { readScript, type ServiceDirectory } from "@upkeep/service-directory/files/directory";

import { isWorkingIn } from "../adopt/place.ts";
import type { Answer } from "../core/event.ts";
import { mayStart } from "../core/left-behind.ts";
import type { Process } from "../core/moment.ts";

/** After so many searches without a result there is no other: each reads about all processes. */
const patience = 5;

/** Finds the process that an ended `./run` has left running. */
export class LookBehind {
  readonly #directory: ServiceDirectory;
  readonly #logPipe: Pipe | null;
  #fruitless = 0;

  constructor(directory: ServiceDirectory, logPipe: Pipe | null) {
    this.#directory = directory;
    this.#logPipe = logPipe;
  }

  find(run: Process): Answer & { readonly kind: "leftBehindFound" } {
    const none = { kind: "leftBehindFound", found: null, leadsSession: false } as const;
    if (this.#fruitless >= patience) return none;
    const one = findOldest(run, this.#directory, this.#logPipe);
    if (one === null) this.#fruitless += 1;
    else this.#fruitless = 0;
    if (one === null) return none;
    return { ...none, found: { pid: one.pid, name: nameOf(one.pid) }, leadsSession: one.session === one.pid };
  }
}

/**
 * A member of the process group of `./run`, or else a process that was born in its time and belongs to the service: it works
 * in its directory, or has its log pipe, or is an orphan in another session with the name of a program that the script
 * starts. An orphan cannot be told from a child of one of our ancestors, so its name must say something.
 */
function findOldest(run: Process, directory: ServiceDirectory, logPipe: Pipe | null): ListedProcess | null {
  const reapers = new Set([1, ...ancestorPids()]);
  const pipe = logPipe === null ? null : `pipe:[${fstatSync(logPipe.write).ino}]`;
  const ours = processInfo("self")?.session;
  let script: string | null = null;
  const isNamed = (pid: number): boolean => {
    script ??= readScript(directory, "run");
    return mayStart(script, nameOf(pid)) && isWithUs(pid);
  };
  const others = listProcesses()
    .filter((one) => one.startTicks >= run.startTicks && one.parent !== process.pid && !hasEnded(one))
    .toSorted((one, other) => one.startTicks - other.startTicks || one.pid - other.pid);
  return (
    others.find(({ group }) => group === run.group) ??
    others.find(({ pid }) => isWorkingIn(pid, directory) || hasPipe(pid, pipe)) ??
    others.find(({ pid, parent, session }) => reapers.has(parent) && session !== ours && isNamed(pid)) ??
    null
  );
}

function nameOf(pid: number): string {
  return (readTextOrNull(`/proc/${pid}/comm`) ?? "").trimEnd();
}

/** Whether it is in our control group. A child of process 1 that is in another one belongs to another unit of systemd. */
function isWithUs(pid: number): boolean {
  return readTextOrNull(`/proc/${pid}/cgroup`) === readTextOrNull("/proc/self/cgroup");
}

/** Whether it writes to the log pipe; the logger, which reads it, is no part of the service. */
function hasPipe(pid: number, pipe: string | null): boolean {
  return pipe !== null && [1, 2].some((fd) => readLinkOrNull(`/proc/${pid}/fd/${fd}`) === pipe);
}
