import { closeSync, constants, fstatSync, openSync, readdirSync, statSync } from "node:fs";

import { keptPipe } from "@upkeep/linux/exec/handover";
import { setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { isThere, readLinkOrNull } from "@upkeep/linux/fd/files";
import type { Pipe } from "@upkeep/linux/fd/pipe";
import { holdProcess, type HeldProcess } from "@upkeep/linux/process/held-process";
import { isSessionSince, listProcesses } from "@upkeep/linux/process/process-info";
import { bootMillis } from "@upkeep/linux/time/clock";
import { block } from "@upkeep/linux/time/timer";
import { decodeStateJson } from "@upkeep/supervise/core/state-json";
import { readOwnFile, readOwnStatus } from "@upkeep/supervise/files/own-file";

import {
  belongs,
  claimOf,
  decodeFormer,
  isOf,
  mayBeStarted,
  theOnly,
  whatIsReplaced,
  type Candidate,
  type Claim,
  type FormerRecord,
  type Kin,
  type KnownClaim,
  type ServiceIdentity,
  type Starting,
} from "../core/adopt/record.ts";
import { asStarted } from "../core/adopt/resume.ts";
import { isOlderThan } from "../core/adopt/runit.ts";
import type { Process } from "../core/moment.ts";
import { findKinship, isWorkingIn, type Place, type SuperviseEntries } from "./place.ts";
import { findLeftByRunit } from "./runit.ts";

// Finds out what of the claim of a former supervisor is still there.

/** What a slot has inherited from a former supervisor. */
export interface Inheritance {
  readonly former: FormerRecord;
  /** What was at work; null: nothing. */
  readonly claim: KnownClaim | null;
  /** Whether that is still there. If not, it has ended unseen. */
  readonly isAlive: boolean;
  /** Null where it is no single process, or has ended. */
  readonly held: HeldProcess | null;
  /** Whether the new supervisor replaces the former one, and remembers what that knew. */
  readonly isReplaced: boolean;
}

/** What both slots have inherited; null where they begin anew. */
export interface Inheritances {
  readonly service: Inheritance | null;
  readonly log: Inheritance | null;
}

/**
 * Finds what a former supervisor has left running, and on record. The caller must hold the locks of both slots.
 *
 * @param us the service that has both slots. @param system this run of the system; null where it is not known: then nothing is found.
 */
export function findInheritances(
  service: Place,
  log: Place | null,
  us: ServiceIdentity,
  system: string | null,
  kin: Kin,
): Inheritances {
  const recordOf = (place: Place | null): FormerRecord | null => {
    if (place === null || system === null) return null;
    const { former, mayBeOfRunit } = readFormer(place.files);
    const ofRunit = mayBeOfRunit ? findLeftByRunit(place, us, system) : null;
    return ofRunit ?? (former !== null && isOf(former, us, system) ? former : null);
  };
  const [own, logs] = [recordOf(service), recordOf(log)];
  const replaced = whatIsReplaced(own, logs, kin);
  const find = (former: FormerRecord, place: Place, isReplaced: boolean): Inheritance | null =>
    findClaimed(former, claimOf(former, us, system), place, isReplaced);
  return {
    service: own === null ? null : find(own, service, replaced.service),
    log: log === null || logs === null ? null : find(logs, log, replaced.log),
  };
}

/** Device and inode of a supervise directory; null where it is gone. */
export function identityOf(files: SuperviseEntries): string | null {
  const [path] = files.at(".");
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}:${found.ino}`;
}

/** What is on record of a slot. */
interface Found {
  readonly former: FormerRecord | null;
  /** Whether runit's runsv may have been here since. */
  readonly mayBeOfRunit: boolean;
}

function readFormer(files: SuperviseEntries): Found {
  // What others could have written could make us signal any process.
  const [supervise] = files.at(".");
  const [path] = files.at("state.json");
  if (!isThere(path)) return { former: null, mayBeOfRunit: true };
  const text = readOwnFile(supervise, "state.json")?.toString("utf8") ?? null;
  const status = readOwnStatus(supervise);
  if (text === null || status === null) return { former: null, mayBeOfRunit: false };
  const state = decodeStateJson(text);
  return { former: decodeFormer(text, status, state), mayBeOfRunit: isOlderThan(status, text, state) };
}

function findClaimed(former: FormerRecord, claim: Claim | null, place: Place, isReplaced: boolean): Inheritance | null {
  if (claim?.kind === "starting") return findStarting(former, claim.starting, place, isReplaced);
  if (claim?.kind === "run" || claim?.kind === "finish") {
    const { pid, startTicks } = claim.process;
    const held = holdProcess(pid, startTicks);
    if (held === null) return isReplaced ? { former, claim, isAlive: false, held, isReplaced } : null;
    // It may have made a group of its own since it was put on record.
    const process = { ...claim.process, group: held.info.group };
    return { former, claim: { ...claim, process }, isAlive: true, held, isReplaced };
  }
  const isAlive = claim?.kind === "leftovers" && areLeftovers(claim, former);
  return isAlive || isReplaced ? { former, claim, isAlive, held: null, isReplaced } : null;
}

/** Whether leftovers on record live. Their session is their own, or that of the supervisor that has started `./run`. */
function areLeftovers({ group, groupAt }: Claim & { readonly kind: "leftovers" }, { state }: FormerRecord): boolean {
  const session = state.supervisor?.session ?? group;
  return isSessionSince(group, groupAt) || isSessionSince(group, groupAt, session);
}

function findStarting(former: FormerRecord, starting: Starting, place: Place, isReplaced: boolean): Inheritance | null {
  const process = findStarted(former, starting, place);
  const held = process === null ? null : holdProcess(process.pid, process.startTicks);
  if (process !== null && held !== null) {
    const claim = { kind: starting.what, process } as const;
    return { former: asStarted(former, starting), claim, isAlive: true, held, isReplaced };
  }
  if (!isReplaced) return null;
  // Nobody knows whether there was a process that has ended. We rather run ./finish twice than ./run.
  const claim = starting.what === "finish" ? ({ kind: "ended" } as const) : null;
  return { former, claim, isAlive: false, held: null, isReplaced };
}

/** Milliseconds for which a child may not have reached the session that it is recognized by. */
const birthPatience = 1000;
/** Milliseconds until the second search. */
const secondSearch = 50;

/**
 * Searches all processes for the one that a former supervisor was about to start; null when there is none, or when it
 * cannot be told from others. If it may have been born only now and is not to be seen, a second search follows.
 *
 * @param wait waits between the two. It blocks: nothing is supervised before all has been found.
 */
export function findStarted(
  former: FormerRecord,
  starting: Starting,
  place: Omit<Place, "files">,
  wait: (millis: number) => void = block,
): Process | null {
  const found = candidatesOf(former, starting, place);
  if (found.length > 0 || bootMillis() - starting.at >= birthPatience) return theOnly(found);
  wait(secondSearch);
  return theOnly(candidatesOf(former, starting, place));
}

function candidatesOf({ state }: FormerRecord, starting: Starting, place: Omit<Place, "files">): readonly Candidate[] {
  const { slot, directory, hasSession } = place;
  const { supervisor, logPipe } = state;
  const marks = { hasSession, supervisor, ...findKinship() };
  return listProcesses()
    .filter((one) => mayBeStarted(one, starting, marks))
    .filter(
      ({ pid }) => pid === starting.pid || belongs(slot, isWorkingIn(pid, directory), descriptorsOn(pid, logPipe)),
    );
}

/** Which of a process's first three descriptors are the log pipe. */
function descriptorsOn(pid: number, logPipe: number | null): readonly number[] {
  if (logPipe === null) return [];
  return [0, 1, 2].filter((fd) => readLinkOrNull(`/proc/${pid}/fd/${fd}`) === `pipe:[${logPipe}]`);
}

/**
 * Opens both ends of the very pipe between an adopted service and its adopted log, so that whichever of the two is
 * started anew meets the other one on it. Null where neither is there, or we may not see their descriptors. Then each
 * gets the new pipe with its next start, the log when the service has closed the old one.
 */
export function findLogPipe({ service, log }: Inheritances): Pipe | null {
  return openKeptPipe(log) ?? openKeptPipe(service) ?? openPipeOf(log) ?? openPipeOf(service);
}

/** The pipe that this process had before it was executed anew: it is there also where neither of the two runs. */
function openKeptPipe(found: Inheritance | null): Pipe | null {
  const inode = found?.former.state.logPipe ?? null;
  const kept = inode === null ? null : keptPipe(inode);
  return kept === null || inode === null ? null : openBothEnds(`/proc/self/fd/${kept}`, inode);
}

function openPipeOf(found: Inheritance | null): Pipe | null {
  const inode = found?.former.state.logPipe ?? null;
  if (inode === null || found === null || found.claim?.kind !== "run" || found.held === null) return null;
  const directory = `/proc/${found.claim.process.pid}/fd`;
  try {
    const entry = readdirSync(directory).find((name) => readLinkOrNull(`${directory}/${name}`) === `pipe:[${inode}]`);
    return entry === undefined ? null : openBothEnds(`${directory}/${entry}`, inode);
  } catch {
    return null;
  }
}

function openBothEnds(path: string, inode: number): Pipe | null {
  // Opened non-blocking, since each end would wait for the other. Whoever gets an end needs it blocking.
  const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
  const read = openSync(path, O_RDONLY | O_NONBLOCK);
  let write: number | null = null;
  try {
    const { ino } = fstatSync(read);
    if (!fstatSync(read).isFIFO() || ino !== inode) throw new Error("not the pipe");
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
