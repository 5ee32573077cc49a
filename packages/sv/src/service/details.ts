import { statSync } from "node:fs";

import { decodeDetails, noDetails, type StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import { supervisePath } from "@upkeep/supervise/place/supervise-path";
import { readWithoutWaiting } from "@upkeep/linux/fd/files";

import { type Probe, probe, type Service } from "./client.ts";

export type Supervised = Extract<Probe, { kind: "supervised" }>;

/** What `state.json` adds to a status record. */
export type DetailsRead =
  | { readonly kind: "details"; readonly details: StateDetails }
  /** There is a file, but of another state: it is about to be replaced, unless it stays so. */
  | { readonly kind: "stale" };

/** Milliseconds after a change of the status in which `state.json` is still expected to follow. */
const patience = 420;
/** How long `sv status` waits for it, in ms, and between two looks. */
const shortPatience = 50;
const pause = 2;

/**
 * Reads `state.json` beside the status that was read. The supervisor writes it after the status; a file that
 * has not followed soon was left there by another supervisor than today's, and says nothing.
 */
export function readDetails(path: string, record: StatusRecord): DetailsRead {
  const text = readState(path);
  if (text === null) return { kind: "details", details: noDetails };
  const details = decodeDetails(text, record);
  if (details !== null) return { kind: "details", details };
  return isOlderThan(path, patience) ? { kind: "details", details: noDetails } : { kind: "stale" };
}

/** The service with what `state.json` says of it, for a look without waiting: see {@link readDetails}. */
export function describeFully(service: Service, found: Supervised): Supervised & { readonly details: StateDetails } {
  const end = performance.now() + shortPatience;
  for (let last = found; ;) {
    const read = readDetails(last.path, last.record);
    if (read.kind === "details") return { ...last, details: read.details };
    if (performance.now() >= end) return { ...last, details: noDetails };
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
    const again = probe(service);
    if (again.kind === "supervised") last = again;
  }
}

/** Null where there is none that could be read. */
function readState(path: string): string | null {
  try {
    return readWithoutWaiting(`${supervisePath(path)}/state.json`).toString("utf8");
  } catch {
    return null;
  }
}

function isOlderThan(path: string, millis: number): boolean {
  try {
    const age = Date.now() - statSync(`${supervisePath(path)}/status`).mtimeMs;
    // In the future is only what an odd clock has made.
    return age > millis || age < -millis;
  } catch {
    return true;
  }
}
