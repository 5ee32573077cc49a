import { isSupervised } from "../fifo/client-end.ts";
import { findPlaces } from "./places.ts";
import type { Candidate } from "../core/candidate.ts";

/** Where a service is supervised, or was. */
export interface FoundSupervise {
  readonly path: string;
  /** Whether a supervisor listens there; null when that cannot be told, as where there never was one. */
  readonly isListening: boolean | null;
}

/**
 * Finds the supervise directory of the service in `directory`: its own or, where that could not be written to, the one
 * that stands for it (see docs/supervise-directory.md). A supervised one comes before one that is merely there.
 */
export function findSupervise(directory: string, candidates?: readonly Candidate[]): FoundSupervise {
  const own = `${directory}/supervise`;
  const isListening = listens(own);
  if (isListening === true) return { path: own, isListening };
  const others = findPlaces(directory, candidates).map((place) => `${place}/supervise`);
  const listening = others.find((path) => listens(path) === true);
  if (listening !== undefined) return { path: listening, isListening: true };
  const silent = isListening === false ? own : others.find((path) => listens(path) === false);
  return silent === undefined ? { path: own, isListening } : { path: silent, isListening: false };
}

/** The path that {@link findSupervise} finds. */
export function supervisePath(directory: string, candidates?: readonly Candidate[]): string {
  return findSupervise(directory, candidates).path;
}

/** Whether a supervisor listens in a supervise directory; null when that cannot be told, as where there never was one. */
export function listens(supervise: string): boolean | null {
  try {
    return isSupervised(`${supervise}/ok`, "supervise/ok");
  } catch {
    return null;
  }
}
