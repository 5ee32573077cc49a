import { constants, openSync, statSync } from "node:fs";

import { isLockHolder, lockHoldersOf } from "@upkeep/linux/fd/lock";
import { isThere, readLinkOrNull } from "@upkeep/linux/fd/files";
import { holdProcess } from "@upkeep/linux/process/held-process";
import { hasEnded, listProcesses, processInfo } from "@upkeep/linux/process/process-info";
import { block } from "@upkeep/linux/time/timer";
import { recordOfRunit } from "@upkeep/supervise/core/runit-record";
import { decodeStateJson, encodeStateJson, type StateRecord } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import { isOwnDirectory, readOwnFile, readOwnStatus } from "@upkeep/supervise/files/own-file";
import { replaceFile } from "@upkeep/supervise/files/replace-file";

import { isComplete, logPipeOf } from "../core/takeover/family.ts";
import { descriptorsOf, isSameDirectory, isStopped, processCalled, type Found } from "./processes.ts";

/** A service, its supervise directories, and the runsv of runit's that it has. */
export interface RunitsService {
  readonly name: string;
  readonly supervise: string;
  /** Null: it has no log. */
  readonly logSupervise: string | null;
  readonly runsv: Found;
}

/** What all records of this run have in common. */
export interface Heritage {
  /** This run of the system. */
  readonly system: string;
  /** Pid and start, in clock ticks, of the runsvdir that will start the next runsv. */
  readonly parent: string;
}

/** Milliseconds between two looks, and between two tries while a runsv is busy. */
const look = 1;
const pause = 100;
const looks = 1000;
const tries = 50;

/** The service in a directory if a runsv of runit's supervises it; else null. */
export function findRunitsService(name: string, path: string): RunitsService | null {
  const supervise = `${path}/supervise`;
  const runsv = lockHoldersOf(`${supervise}/lock`)
    .flatMap((pid) => processCalled("runsv", pid) ?? [])
    .find(({ pid }) => isSameDirectory(`/proc/${pid}/cwd`, path) && supervisorOf(supervise) !== pid);
  if (runsv === undefined) return null;
  const logSupervise = `${path}/log/supervise`;
  const hasLog = isLockHolder(runsv.pid, `${logSupervise}/lock`);
  return { name, supervise, logSupervise: hasLog ? logSupervise : null, runsv };
}

/** The process of this suite that supervises; null where none does. */
export function supervisorOf(supervise: string): number | null {
  const text = readOwnFile(supervise, "state.json")?.toString("utf8");
  const pid = (text === undefined ? null : decodeStateJson(text))?.supervisor?.pid ?? null;
  return pid !== null && isLockHolder(pid, `${supervise}/lock`) ? pid : null;
}

/** Why the next runsv would not adopt what this one has; null: it will. */
export function whyNot({ supervise, logSupervise }: RunitsService): string | null {
  const all = [supervise, ...(logSupervise === null ? [] : [logSupervise])];
  return all.every((one) => isOwnDirectory(one)) ? null : "others may write to its supervise directory";
}

/** What is left when a runsv has been ended. */
export interface Left {
  /** Descriptors of both ends of the pipe to the log: without a reader the service would end, without a writer the log. */
  readonly pipe: readonly number[];
}

/**
 * Ends a runsv of runit's, and leaves a record by which the next runsv of ours goes on with all that it had. It is
 * stopped first, so that the record is of its last state. A text says why it goes on as it was.
 *
 * A service that ends meanwhile is started again by the next runsv. If we are killed here, the runsv stays stopped until
 * it is taken over once more.
 */
export function endRunsv(service: RunitsService, heritage: Heritage): Left | string {
  const { pid, info } = service.runsv;
  const held = holdProcess(pid, info.startTicks);
  if (held === null) return "its runsv has ended";
  try {
    for (let count = 0; count < tries; count += 1) {
      held.signal("SIGSTOP");
      for (let at = 0; at < looks && !isStopped(pid); at += 1) block(look);
      const family = readFamily(service);
      if (family !== null) {
        writeRecords(service, family, heritage);
        const pipe = openPipe(pid, family.logPipe);
        held.signal("SIGKILL");
        for (let at = 0; at < looks && !held.hasEnded(); at += 1) block(look);
        return { pipe };
      }
      held.signal("SIGCONT");
      block(pause);
    }
    return "its runsv is busy, as with a control script";
  } finally {
    // Only a process that has not ended gets it.
    held.signal("SIGCONT");
    held.close();
  }
}

interface Family {
  readonly service: StatusRecord;
  readonly log: StatusRecord | null;
  readonly logPipe: number | null;
}

/** Null where the files do not tell all that a stopped runsv has at work. */
function readFamily({ supervise, logSupervise, runsv }: RunitsService): Family | null {
  const service = readOwnStatus(supervise);
  const log = logSupervise === null ? null : readOwnStatus(logSupervise);
  if (service === null || (logSupervise !== null && log === null)) return null;
  const children = listProcesses()
    .filter(({ parent }) => parent === runsv.pid)
    .map((child) => ({ pid: child.pid, hasEnded: hasEnded(child) }));
  if (!isStopped(runsv.pid) || !isComplete(service, log, children)) return null;
  const open = descriptorsOf(runsv.pid).map(({ link }) => link);
  const ends = { service: standardOf(service.pid), log: log === null ? [] : standardOf(log.pid) };
  return { service, log, logPipe: logSupervise === null ? null : logPipeOf(ends, open) };
}

function standardOf(pid: number): readonly (string | null)[] {
  return pid === 0 ? [] : [0, 1, 2].map((fd) => readLinkOrNull(`/proc/${pid}/fd/${fd}`));
}

/** The log first: a record of the service alone would have its log begin afresh. */
function writeRecords({ name, supervise, logSupervise, runsv }: RunitsService, found: Family, of: Heritage): void {
  const { dev, ino } = statSync(supervise, { bigint: true });
  const { session, group } = runsv.info;
  const supervision = {
    name,
    system: of.system,
    superviseDirectory: `${dev}:${ino}`,
    logPipe: found.logPipe,
    // Without a pid, as it is about to end.
    supervisor: { pid: null, startTicks: null, parent: of.parent, session, group },
  };
  if (logSupervise !== null && found.log !== null) write(logSupervise, recordOf(found.log, true, supervision));
  write(supervise, recordOf(found.service, false, supervision));
}

function recordOf(
  status: StatusRecord,
  isLog: boolean,
  supervision: Omit<StateRecord, "slot" | "starting">,
): StateRecord {
  const { pid } = status;
  const info = pid === 0 ? null : processInfo(pid);
  const process = info === null ? null : { pid, group: info.group, startTicks: info.startTicks };
  return recordOfRunit(status, process, isLog, supervision);
}

function write(supervise: string, record: StateRecord): void {
  replaceFile(`${supervise}/state.json`, "supervise/state.json", encodeStateJson(record));
}

function openPipe(pid: number, inode: number | null): readonly number[] {
  const found = descriptorsOf(pid).find(({ link }) => link === `pipe:[${inode}]`);
  if (found === undefined) return [];
  return [constants.O_RDONLY, constants.O_WRONLY].map((flags) =>
    openSync(`/proc/${pid}/fd/${found.fd}`, flags | constants.O_NONBLOCK),
  );
}

/** Whether runsv has ever been here: there is nothing to take over where it has not. */
export function wasSupervised(path: string): boolean {
  return isThere(`${path}/supervise/status`);
}
