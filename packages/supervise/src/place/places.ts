import { lstatSync, mkdirSync, realpathSync, statSync } from "node:fs";

import { pathOfName } from "@upkeep/linux/core/name-text";

import {
  type Candidate,
  candidatesOf,
  type PlaceFacts,
  isTrustedCandidate,
  isTrustedPlace,
  placeOf,
} from "../core/candidate.ts";

// `sv` needs this as well, so it does not load the foreign function interface: see fifo/client-end.ts.

/**
 * The places that exist for a directory that cannot hold its own state, in the order of the search. Places of users whom
 * this user need not trust are left out.
 */
export function findPlaces(directory: string, candidates: readonly Candidate[] = ownCandidates()): readonly string[] {
  const good = candidates.filter((candidate) => isGoodCandidate(candidate));
  const real = good.length === 0 ? null : realPath(directory);
  if (real === null) return [];
  return good
    .map((candidate) => placeOf(real, candidate))
    .filter((levels) => levels.every((level) => isGoodLevel(level, false)))
    .flatMap((levels) => levels.slice(-1));
}

/**
 * Makes places for the state of a directory that cannot be written to, one after the other as the caller asks for them,
 * and yields those that could be made and can be trusted. It makes directories 0755, and 0700 in a temporary directory.
 */
export function* makePlaces(
  directory: string,
  candidates: readonly Candidate[] = ownCandidates(),
): Generator<string, void, void> {
  const real = realPath(directory);
  if (real === null) return;
  for (const candidate of candidates) {
    tryMakeCandidate(candidate);
    if (!isGoodCandidate(candidate)) continue;
    const levels = placeOf(real, candidate);
    const isGood = levels.every((level) => {
      tryMakeDirectory(level, 0o755);
      return isGoodLevel(level, true);
    });
    if (isGood) yield levels.at(-1) ?? candidate.path;
  }
}

/**
 * The directories for state elsewhere that can be trusted, made where they are missing: the best first. What is in them
 * may be somebody else's nevertheless, since anybody may write to one that is sticky.
 */
export function* runtimeDirectories(): Generator<string, void, void> {
  for (const candidate of ownCandidates()) {
    tryMakeCandidate(candidate);
    if (isGoodCandidate(candidate)) yield candidate.path;
  }
}

function tryMakeCandidate({ path, kind }: Candidate): void {
  tryMakeDirectory(path, kind === "private" ? 0o700 : 0o755);
}

function ownCandidates(): readonly Candidate[] {
  return candidatesOf(process.env, ownUser());
}

function ownUser(): number {
  return process.geteuid?.() ?? 0;
}

function isGoodCandidate(candidate: Candidate): boolean {
  // A directory that the operator has named may be a link.
  const found = factsOf(candidate.path, candidate.kind === "named" ? statSync : lstatSync);
  return found !== null && isTrustedCandidate(candidate, found, ownUser());
}

function isGoodLevel(path: string, isOwn: boolean): boolean {
  const found = factsOf(path, lstatSync);
  return found !== null && isTrustedPlace(found, ownUser(), isOwn);
}

function factsOf(path: string, stat: typeof statSync | typeof lstatSync): PlaceFacts | null {
  try {
    // An exception costs more than this question.
    const found = stat(path, { throwIfNoEntry: false });
    return found === undefined ? null : { isDirectory: found.isDirectory(), uid: found.uid, mode: found.mode };
  } catch {
    return null;
  }
}

function realPath(directory: string): Uint8Array | null {
  try {
    return realpathSync.native(pathOfName(directory), { encoding: "buffer" });
  } catch {
    return null;
  }
}

function tryMakeDirectory(path: string, mode: number): void {
  try {
    mkdirSync(path, mode);
  } catch {
    // The caller sees whether it is there.
  }
}
