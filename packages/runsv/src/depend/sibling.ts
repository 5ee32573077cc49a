import { statSync } from "node:fs";

import { SystemError } from "@upkeep/linux/core/errno";
import { inReach } from "@upkeep/linux/fd/reach";
import { readTextOrNull } from "@upkeep/linux/fd/files";
import { listDependencies } from "@upkeep/service-directory/files/dependencies";
import { decodeDetails } from "@upkeep/supervise/core/state-json";
import { isSupervised } from "@upkeep/supervise/fifo/client-end";
import { readStatusFile } from "@upkeep/supervise/files/status-file";
import { supervisePath } from "@upkeep/supervise/place/supervise-path";

import { judgeDependency, missing, unsatisfied, type DependencyState } from "../core/dependency-state.ts";

/** Milliseconds within which `state.json` follows `status`. After that it belongs to another supervisor, which writes none. */
const settlingTime = 10_000;

/** How the service in a directory is; `missing` where there is none. */
export function findSibling(path: string | null): DependencyState {
  return path === null ? missing : inReach(path, findAt);
}

function findAt(directory: string): DependencyState {
  try {
    if (!statSync(directory).isDirectory()) return missing;
  } catch {
    return missing;
  }
  try {
    const supervise = supervisePath(directory);
    // Files of a supervisor that has gone mean nothing.
    return isSupervised(`${supervise}/ok`, "supervise/ok") ? readState(supervise) : unsatisfied;
  } catch (error) {
    if (error instanceof SystemError) return unsatisfied;
    throw error;
  }
}

function readState(supervise: string): DependencyState {
  const path = `${supervise}/status`;
  const status = readStatusFile(path, "supervise/status");
  if (status === null) return unsatisfied;
  const text = readTextOrNull(`${supervise}/state.json`);
  const details = text === null ? null : decodeDetails(text, status);
  // `state.json` is written after `status`: for a moment it is of the state before.
  if (details === null && text !== null && Math.abs(ageOf(path)) < settlingTime) return unsatisfied;
  return judgeDependency(status, details, Date.now() / 1000);
}

function ageOf(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

/** What a sibling depends on itself; nothing where that cannot be read. */
export function needsOfSibling(directory: string | null): readonly string[] {
  if (directory === null) return [];
  try {
    return inReach(directory, listDependencies);
  } catch {
    return [];
  }
}
