import { closeSync, constants, openSync } from "node:fs";

import { pathOfName } from "../core/name-text.ts";

/** Needs no permission to read. The runtimes have no name for it. */
const O_PATH = 0o10000000;

/**
 * A path for a directory that can be joined and given to node:fs like any other: the path itself or, if that is not UTF-8,
 * one through a descriptor, which stays open. A directory that is not there keeps its path.
 */
export function reachable(path: string): string {
  const fd = open(path);
  return fd === null ? path : `/proc/self/fd/${fd}`;
}

/** Calls `use` with a path as {@link reachable} gives it, and closes the descriptor afterwards. */
export function inReach<Result>(path: string, use: (path: string) => Result): Result {
  const fd = open(path);
  if (fd === null) return use(path);
  try {
    return use(`/proc/self/fd/${fd}`);
  } finally {
    closeSync(fd);
  }
}

/** Null where it is not needed, or not possible. */
function open(path: string): number | null {
  if (path.isWellFormed()) return null;
  try {
    return openSync(pathOfName(path), O_PATH | constants.O_DIRECTORY);
  } catch {
    return null;
  }
}
