import { Buffer } from "node:buffer";
import { statSync } from "node:fs";

import { decodeDetails, noDetails, type StateDetails } from "@upkeep/supervise/core/state-json";
import { readInto } from "@upkeep/linux/fd/files";
import { block } from "@upkeep/linux/time/timer";

import { probe, type Service, type Supervised } from "./client.ts";

/** Milliseconds after a change of the status in which `state.json` is still expected to follow. */
const patience = 420;
/** How long `sv` waits for it, in ms. */
export const usualWait = 50;
/** Milliseconds between two reads. */
const pause = 2;
/** No `state.json` is larger. */
const mostBytes = 65_536;

/** Where they are read, one after the other. */
let room: Buffer | null = null;

/**
 * What `state.json` says beside the status that was read. The supervisor writes it after the status: `stale` means
 * that it is about to be replaced. A file that has not followed soon says nothing, because another supervisor than
 * today's left it there.
 */
export function tryReadDetails({ supervise, record }: Supervised): StateDetails | "stale" {
  const text = readOrNull(`${supervise}/state.json`);
  if (text === null) return noDetails;
  const details = decodeDetails(text, record);
  if (details !== null) return details;
  return isOlderThan(supervise, patience) ? noDetails : "stale";
}

function readOrNull(path: string): string | null {
  try {
    room ??= Buffer.allocUnsafeSlow(mostBytes + 1);
    const count = readInto(room, path);
    return count > mostBytes ? null : room.toString("utf8", 0, count);
  } catch {
    return null;
  }
}

/** A supervised service with what `state.json` says of it. */
export interface Described extends Supervised {
  readonly details: StateDetails;
}

/**
 * Waits a moment for a `state.json` that is still to follow its status; the status may then be a newer one.
 *
 * @param wait how long at most, in ms. Meanwhile this process does nothing else.
 */
export function readDetails(service: Service, found: Supervised, wait: number = usualWait): Described {
  let end: number | null = null;
  for (let last = found; ;) {
    const { kind, path, supervise, record } = last;
    const details = tryReadDetails(last);
    if (details !== "stale") return { kind, path, supervise, record, details };
    end ??= performance.now() + wait;
    if (performance.now() >= end) return { kind, path, supervise, record, details: noDetails };
    block(pause);
    const again = probe(service);
    if (again.kind === "supervised") last = again;
  }
}

function isOlderThan(supervise: string, millis: number): boolean {
  try {
    const age = Date.now() - statSync(`${supervise}/status`).mtimeMs;
    // A clock that was set back leaves a file from the future.
    return age > millis || age < -millis;
  } catch {
    return true;
  }
}
