import { lstatSync, mkdirSync, realpathSync, statSync } from "node:fs";

import {
  type Candidate,
  candidatesOf,
  type PlaceFacts,
  isTrustedCandidate,
  isTrustedPlace,
  placeOf,
} from "../core/candidate.ts";

// What `sv` needs as well; so it stays clear of the foreign function interface, as fifo-client.ts does.

/**
 * The places that are there for a directory whose state could not be kept in itself, in their order. What belongs to
 * somebody whom this user need not trust is left out.
 */
export function findPlaces(directory: string, candidates: readonly Candidate[] = ownCandidates()): readonly string[] {
  const real = realPath(directory);
  if (real === null) return [];
  return candidates
    .filter((candidate) => isGoodCandidate(candidate))
    .map((candidate) => placeOf(real, candidate))
    .filter((levels) => levels.every((level) => isGoodLevel(level, false)))
    .flatMap((levels) => levels.slice(-1));
}

/**
 * Makes one place after the other for the state of a directory that cannot be written to, each when it is asked for,
 * and hands out those that could be made and are safe from others. A directory made is 0755, that in a temporary
 * directory 0700.
 */
export function* makePlaces(
  directory: string,
  candidates: readonly Candidate[] = ownCandidates(),
): Generator<string, void, void> {
  const real = realPath(directory);
  if (real === null) return;
  for (const candidate of candidates) {
    tryMakeDirectory(candidate.path, candidate.kind === "private" ? 0o700 : 0o755);
    if (!isGoodCandidate(candidate)) continue;
    const levels = placeOf(real, candidate);
    const isGood = levels.every((level) => {
      tryMakeDirectory(level, 0o755);
      return isGoodLevel(level, true);
    });
    if (isGood) yield levels.at(-1) ?? candidate.path;
  }
}

function ownCandidates(): readonly Candidate[] {
  return candidatesOf(process.env, ownUser());
}

function ownUser(): number {
  return process.geteuid?.() ?? 0;
}

function isGoodCandidate(candidate: Candidate): boolean {
  const found = look(candidate);
  return found !== null && isTrustedCandidate(candidate, found, ownUser());
}

function isGoodLevel(path: string, isOwn: boolean): boolean {
  const found = lookAt(path, lstatSync);
  return found !== null && isTrustedPlace(found, ownUser(), isOwn);
}

/** A directory that somebody has named may be a link. */
function look({ path, kind }: Candidate): PlaceFacts | null {
  return lookAt(path, kind === "named" ? statSync : lstatSync);
}

function lookAt(path: string, stat: typeof statSync | typeof lstatSync): PlaceFacts | null {
  try {
    const found = stat(path);
    return found === undefined ? null : { isDirectory: found.isDirectory(), uid: found.uid, mode: found.mode };
  } catch {
    return null;
  }
}

function realPath(directory: string): Uint8Array | null {
  try {
    return realpathSync(directory, { encoding: "buffer" });
  } catch {
    return null;
  }
}

function tryMakeDirectory(path: string, mode: number): void {
  try {
    mkdirSync(path, mode);
  } catch {
    // Whether it is there is seen by whoever looks at it.
  }
}
