import { SystemError, errno } from "@upkeep/linux/core/errno";
import { harmless } from "@upkeep/program/core/one-line";
import { writeText } from "@upkeep/program/messages/output";
import type { RenewalRecord } from "@upkeep/supervise/core/renewal-record";
import { writeToFifo } from "@upkeep/supervise/fifo/client-end";
import { findPlaces } from "@upkeep/supervise/place/places";
import { parentRenewal, renewByte, scanControl, scanRenewal } from "@upkeep/supervise/renewal/files";
import { readRenewal } from "@upkeep/supervise/renewal/record-file";

import { describeRenewal } from "../core/renewal.ts";

/** How long a renewal may take at least, in ms: with many runsv it takes a while, and slow control scripts are waited for. */
const leastPatience = 60_000;
/** Milliseconds between two looks. */
const look = 20;

/**
 * Has the supervisors of a scan directory execute their programs anew, and waits for what comes of it.
 *
 * @param waitSeconds how long, where that is longer than we wait anyway. Throws SystemError where nobody can be asked.
 * @returns how many programs go on as they are.
 */
export async function renewSupervisors(directory: string, waitSeconds: number): Promise<number> {
  const homes = [directory, ...findPlaces(directory)].map((home) => `${home}/.runsvdir`);
  const before = homes.map((home) => ({ home, own: countIn(home, scanRenewal), parent: countIn(home, parentRenewal) }));
  const asked = before.find(({ home }) => ask(home));
  if (asked === undefined) {
    return tell(`fail: ${harmless(directory)}: runsvdir not running, or not one that can be renewed`);
  }
  const until = performance.now() + Math.max(leastPatience, waitSeconds * 1000);
  const record = await newRecord(`${asked.home}/${scanRenewal}`, asked.own, until);
  if (record === null) return tell(`timeout: ${harmless(directory)}: runsvdir has not answered`);
  const failures = show(record);
  if (!record.asksParent) return failures;
  const above = await newRecord(`${asked.home}/${parentRenewal}`, asked.parent, until);
  if (above === null) return failures + tell("timeout: my_init: it has not answered");
  return failures + show(above);
}

/** False where no runsvdir listens. */
function ask(home: string): boolean {
  try {
    return writeToFifo(`${home}/${scanControl}`, `.runsvdir/${scanControl}`, renewByte);
  } catch (error) {
    if (error instanceof SystemError && error.errno === errno.ENOENT) return false;
    throw error;
  }
}

function countIn(home: string, file: string): number {
  return readRenewal(`${home}/${file}`)?.count ?? 0;
}

/** The record that follows number `count`; null where there is none in time. */
async function newRecord(path: string, count: number, until: number): Promise<RenewalRecord | null> {
  for (;;) {
    const record = readRenewal(path);
    if (record !== null && record.count !== count) return record;
    if (performance.now() > until) return null;
    await new Promise((resolve) => setTimeout(resolve, look));
  }
}

function show({ programs }: RenewalRecord): number {
  const { lines, failures } = describeRenewal(programs);
  for (const line of lines) writeText(1, `${line}\n`);
  return failures;
}

/** Returns that one failed. */
function tell(line: string): 1 {
  writeText(1, `${line}\n`);
  return 1;
}
