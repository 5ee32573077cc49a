import { closeSync, constants, fstatSync, openSync, readdirSync, readlinkSync } from "node:fs";

import { decodeDetails } from "@upkeep/supervise/state-details";
import { readStatusFile } from "@upkeep/supervise/status-file";
import { setNonBlocking } from "@upkeep/syscalls/descriptor";
import { SystemError } from "@upkeep/syscalls/errno";
import { holdProcess, type HeldProcess } from "@upkeep/syscalls/held-process";
import type { Pipe } from "@upkeep/syscalls/pipe";
import { isSessionSince } from "@upkeep/syscalls/process-info";

import { claimOf, decodeTrace, type Claim, type Former } from "./adoption.ts";
import { readQuietly } from "./read-quietly.ts";
import type { SuperviseFiles } from "./supervise-files.ts";

/** What has been found of a slot whose supervisor was killed. */
export interface Found {
  readonly former: Former;
  readonly claim: Claim;
  /** Null where it is no single process. */
  readonly held: HeldProcess | null;
}

/**
 * Looks what a former supervisor has left running; its lock must be ours by now.
 *
 * @param name the service's. @param system this run of the system, null where it is not known: then nothing is found.
 */
export function findFormer(files: SuperviseFiles, name: string, system: string | null): Found | null {
  const former = readFormer(files);
  const claim = former === null ? null : claimOf(former, name, system);
  if (former === null || claim === null) return null;
  if (claim.kind === "leftovers") {
    return isSessionSince(claim.group, claim.groupAt) ? { former, claim, held: null } : null;
  }
  const held = holdProcess(claim.process.pid, claim.process.startTicks);
  return held === null ? null : { former, claim, held };
}

function readFormer(files: SuperviseFiles): Former | null {
  // Somebody else's could make us signal whomever he likes.
  const text = readQuietly(files.at("state.json")[0], process.geteuid?.() ?? null);
  if (text === null) return null;
  try {
    const record = readStatusFile(...files.at("status"));
    const details = record === null ? null : decodeDetails(text, record);
    return record === null || details === null ? null : { record, details, trace: decodeTrace(text) };
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
export function findLogPipe(service: Found | null, log: Found | null): Pipe | null {
  return openPipeOf(log) ?? openPipeOf(service);
}

function openPipeOf(found: Found | null): Pipe | null {
  const inode = found?.former.trace.logPipe ?? null;
  if (inode === null || found === null || found.claim.kind !== "run") return null;
  const directory = `/proc/${found.claim.process.pid}/fd`;
  try {
    const entry = readdirSync(directory).find((name) => linkOf(`${directory}/${name}`) === `pipe:[${inode}]`);
    return entry === undefined ? null : openBothEnds(`${directory}/${entry}`, inode);
  } catch {
    return null;
  }
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function openBothEnds(path: string, inode: number): Pipe | null {
  // Non-blocking, as each end would wait for the other; for whoever gets it, it must not be.
  const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
  const read = openSync(path, O_RDONLY | O_NONBLOCK);
  try {
    if (!isPipe(read, inode)) throw new Error("not the pipe");
    const write = openSync(`/proc/self/fd/${read}`, O_WRONLY | O_NONBLOCK);
    setNonBlocking(read, false);
    setNonBlocking(write, false);
    return { read, write };
  } catch {
    closeSync(read);
    return null;
  }
}

function isPipe(fd: number, inode: number): boolean {
  const found = fstatSync(fd);
  return found.isFIFO() && found.ino === inode;
}
