import { isSupervised } from "../fifo/client-end.ts";
import { findPlaces } from "./places.ts";
import type { Candidate } from "../core/candidate.ts";

/**
 * The supervise directory of the service in `directory`: its own or, where that could not be written to, the one that
 * stands for it (see docs/supervise-directory.md). A supervised one comes before one that is merely there.
 */
export function supervisePath(directory: string, candidates?: readonly Candidate[]): string {
  const own = `${directory}/supervise`;
  const isListening = listens(own);
  if (isListening === true) return own;
  const others = findPlaces(directory, candidates).map((place) => `${place}/supervise`);
  const listening = others.find((path) => listens(path) === true);
  if (listening !== undefined) return listening;
  return isListening === false ? own : (others.find((path) => listens(path) === false) ?? own);
}

/** Whether a supervisor listens; null when that cannot be told, as where there never was one. */
function listens(supervise: string): boolean | null {
  try {
    return isSupervised(`${supervise}/ok`, "supervise/ok");
  } catch {
    return null;
  }
}
