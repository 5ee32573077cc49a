import { closeSync, constants, fstatSync, openSync, readdirSync } from "node:fs";

import { readStatusFile } from "@upkeep/supervise/files/status-file";
import { setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { SystemError } from "@upkeep/linux/core/errno";
import { holdProcess, type HeldProcess } from "@upkeep/linux/process/held-process";
import type { Pipe } from "@upkeep/linux/fd/pipe";
import { isSessionSince } from "@upkeep/linux/process/process-info";

import { asStarted, claimOf, isOf, type Claim, type Search } from "../core/resume.ts";
import { whatIsReplaced } from "../core/memory.ts";
import { readLinkQuietly, readQuietly } from "./read-quietly.ts";
import { findStarted, type Place } from "./search.ts";
import type { SuperviseFiles } from "../engine/supervise-files.ts";
import { decodeFormer, type Former } from "../core/trace.ts";

/** What has been found of a slot whose supervisor was killed. */
export interface FormerSlot {
  readonly former: Former;
  /** What was at work; null: nothing. */
  readonly claim: Claim | null;
  /** Whether that is still there. If not, it has ended unseen. */
  readonly isAlive: boolean;
  /** Null where it is no single process, or not there any more. */
  readonly held: HeldProcess | null;
  /** Whether the new supervisor replaces the former one, and goes on with what that knew. */
  readonly isReplaced: boolean;
}

/** A slot to look for, and the directory that its supervisor has left. */
export interface Left extends Place {
  readonly files: SuperviseFiles;
}

/** What has been found of both slots; null when all begins anew. */
export interface FormerSlots {
  readonly service: FormerSlot | null;
  readonly log: FormerSlot | null;
}

/**
 * Looks what a former supervisor has left running, and on record; its locks must be ours by now.
 *
 * @param name the service's. @param system this run of the system, null where it is not known: then nothing is found.
 * @param parent ours, as in `SupervisorIdentity`.
 */
export function findFormer(
  service: Left,
  log: Left | null,
  name: string,
  system: string | null,
  parent: string | null,
): FormerSlots {
  const recordOf = (left: Left | null): Former | null => {
    const former = left === null ? null : readFormer(left.files);
    return former !== null && isOf(former, name, system) ? former : null;
  };
  const [own, logs] = [recordOf(service), recordOf(log)];
  const replaced = whatIsReplaced(own, logs, parent);
  const find = (former: Former, left: Left, isReplaced: boolean): FormerSlot | null =>
    findSlot(former, claimOf(former, name, system), left, isReplaced);
  return {
    service: own === null ? null : find(own, service, replaced.service),
    log: log === null || logs === null ? null : find(logs, log, replaced.log),
  };
}

function findSlot(former: Former, claim: Claim | Search | null, place: Place, isReplaced: boolean): FormerSlot | null {
  if (claim?.kind === "starting") {
    const { starting } = claim;
    const process = findStarted(former, starting, place);
    const held = process === null ? null : holdProcess(process.pid, process.startTicks);
    if (process !== null && held !== null) {
      const started = { kind: starting.what, process } as const;
      return { former: asStarted(former, starting), claim: started, isAlive: true, held, isReplaced };
    }
    if (!isReplaced) return null;
    // Whether there was one that has ended is unknown. It is ./finish that may be run twice rather than ./run.
    const next = starting.what === "finish" ? ({ kind: "ended" } as const) : null;
    return { former, claim: next, isAlive: false, held: null, isReplaced };
  }
  const held =
    claim?.kind === "run" || claim?.kind === "finish" ? holdProcess(claim.process.pid, claim.process.startTicks) : null;
  const isAlive = held !== null || (claim?.kind === "leftovers" && isSessionSince(claim.group, claim.groupAt));
  return isAlive || isReplaced ? { former, claim, isAlive, held, isReplaced } : null;
}

function readFormer(files: SuperviseFiles): Former | null {
  // Somebody else's could make us signal whomever he likes.
  const text = readQuietly(files.at("state.json")[0], process.geteuid?.() ?? null);
  if (text === null) return null;
  try {
    const record = readStatusFile(...files.at("status"));
    return record === null ? null : decodeFormer(text, record);
  } catch (error) {
    if (error instanceof SystemError) return null;
    throw error;
  }
}

/**
 * Opens both ends of the very pipe between an adopted service and its adopted log: whoever of the two is replaced, the
 * other goes on with the same one. Null where neither is there, or we may not look at what they have open; then each
 * of them comes to the new pipe with its next start, the log when the service has let go of the old one.
 */
export function findLogPipe(service: FormerSlot | null, log: FormerSlot | null): Pipe | null {
  return openPipeOf(log) ?? openPipeOf(service);
}

function openPipeOf(found: FormerSlot | null): Pipe | null {
  const inode = found?.former.trace.logPipe ?? null;
  if (inode === null || found === null || found.claim?.kind !== "run" || found.held === null) return null;
  const directory = `/proc/${found.claim.process.pid}/fd`;
  try {
    const entry = readdirSync(directory).find((name) => readLinkQuietly(`${directory}/${name}`) === `pipe:[${inode}]`);
    return entry === undefined ? null : openBothEnds(`${directory}/${entry}`, inode);
  } catch {
    return null;
  }
}

function openBothEnds(path: string, inode: number): Pipe | null {
  // Non-blocking, as each end would wait for the other; for whoever gets it, it must not be.
  const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
  const read = openSync(path, O_RDONLY | O_NONBLOCK);
  let write: number | null = null;
  try {
    if (!isPipe(read, inode)) throw new Error("not the pipe");
    write = openSync(`/proc/self/fd/${read}`, O_WRONLY | O_NONBLOCK);
    setNonBlocking(read, false);
    setNonBlocking(write, false);
    return { read, write };
  } catch {
    closeSync(read);
    if (write !== null) closeSync(write);
    return null;
  }
}

function isPipe(fd: number, inode: number): boolean {
  const found = fstatSync(fd);
  return found.isFIFO() && found.ino === inode;
}
