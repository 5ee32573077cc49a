import { readFileSync, readlinkSync } from "node:fs";

import { errno, errnoOf } from "@upkeep/linux/core/errno";
import { readFile } from "@upkeep/linux/fd/files";
import { processInfo } from "@upkeep/linux/process/process-info";

import { decodeHolder, isAlive, type Holder } from "../core/holder.ts";

/**
 * The process, other than ours, that a holder record names; null if it is gone, or there is no record. Throws as `readFile`
 * of linux/fd/files when the record cannot be read.
 *
 * @param own what {@link describeSelf} says.
 */
export function livingHolder(path: string, own: Holder): Holder | null {
  const holder = readHolder(path);
  return holder !== null && isAlive(holder, own, startTicksOf) ? holder : null;
}

/** Our own process, for a holder record. */
export function describeSelf(): Holder {
  return {
    pid: process.pid,
    startTicks: processInfo("self")?.startTicks ?? 0,
    bootId: readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim(),
    pidNamespace: readlinkSync("/proc/self/ns/pid"),
  };
}

function readHolder(path: string): Holder | null {
  try {
    return decodeHolder(readFile(path).toString("utf8"));
  } catch (error) {
    if (errnoOf(error) === errno.ENOENT) return null;
    throw error;
  }
}

function startTicksOf(pid: number): number | null {
  const found = processInfo(pid);
  // A zombie supervises nothing.
  return found === null || found.state === "Z" ? null : found.startTicks;
}
