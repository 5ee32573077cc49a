import { statSync } from "node:fs";

import { isThere, readLinkOrNull } from "@upkeep/linux/fd/files";
import { processInfo } from "@upkeep/linux/process/process-info";
import { bootMillis, wallClock } from "@upkeep/linux/time/clock";
import { recordOfRunit } from "@upkeep/supervise/core/runit-record";
import { readOwnFile, readOwnStatus } from "@upkeep/supervise/files/own-file";

import type { FormerRecord, ServiceIdentity } from "../core/adopt/record.ts";
import { isLeftByRunit, type RunitFiles } from "../core/adopt/runit.ts";
import { findKinship, isWorkingIn, type Place } from "./place.ts";

/**
 * What a runsv of runit's that was killed has left running of a slot, as a record of ours would tell it; null where that
 * is nothing, or not certain.
 *
 * @param us the service that has the slot. @param system this run of the system.
 */
export function findLeftByRunit(place: Place, us: ServiceIdentity, system: string): FormerRecord | null {
  const files = readFiles(place);
  const info = files === null ? null : processInfo(files.status.pid);
  if (files === null || info === null) return null;
  const { pid } = files.status;
  const sight = { process: { pid, ...info }, isInDirectory: isWorkingIn(pid, place.directory) };
  if (!isLeftByRunit(files, sight, findKinship(), { wall: wallClock(), boot: bootMillis() })) return null;
  const isLog = place.slot === "log";
  const logPipe = isLog ? pipeOn(pid, 0) : null;
  const { group, startTicks } = info;
  const supervision = { ...us, system, logPipe, supervisor: null };
  const state = recordOfRunit(files.status, { pid, group, startTicks }, isLog, supervision);
  return { status: files.status, state, starting: null };
}

function readFiles({ files }: Place): RunitFiles | null {
  const [supervise] = files.at(".");
  // A new service has none, and an exception costs more than this question.
  if (!isThere(`${supervise}/status`)) return null;
  const status = readOwnStatus(supervise);
  if (status === null || status.pid === 0) return null;
  const pid = readOwnFile(supervise, "pid")?.toString("latin1");
  const changed = statSync(`${supervise}/pid`, { bigint: true, throwIfNoEntry: false })?.ctimeNs;
  if (pid === undefined || changed === undefined) return null;
  const pidChanged = { seconds: Number(changed / 1_000_000_000n), nanoseconds: Number(changed % 1_000_000_000n) };
  return { status, pid, pidChanged };
}

/** The inode of the pipe that a descriptor of a process is; null where it is none, or we may not look. */
function pipeOn(pid: number, fd: number): number | null {
  const [, inode] = /^pipe:\[(\d+)\]$/.exec(readLinkOrNull(`/proc/${pid}/fd/${fd}`) ?? "") ?? [];
  return inode === undefined ? null : Number(inode);
}
