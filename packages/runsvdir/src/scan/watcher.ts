import { lstatSync, readlinkSync } from "node:fs";

import { reasonOf, SystemError } from "@upkeep/linux/core/errno";
import { nameOf, pathOfName } from "@upkeep/linux/core/name-text";
import type { NameWatch, watchNames } from "@upkeep/linux/fd/name-watch";
import { directoryOf, lastNameOf, resolveName } from "@upkeep/linux/fd/resolve-name";

/** Tells early of changes in a scan directory. It may miss some: nothing depends on it, as there is the timed scan. */
export interface Watcher {
  /** Watches, from this call on, the directory that `path` means now; to be called again when it means another. */
  arm(path: string): void;
}

export interface Ports {
  readonly watchNames: typeof watchNames;
  /** Sets a timer, in ms; the result cancels it. */
  readonly later: (action: () => void, millis: number) => () => void;
  /** Something may have changed. */
  readonly onHint: () => void;
  readonly warn: (message: string) => void;
}

/** How long after a failure watching is tried again, in ms. */
const retryAfter = 60_000;

/** One watch in all, on the directory and not on its entries, so a change costs the same however many there are. */
export function createWatcher({ watchNames, later, onHint, warn }: Ports): Watcher {
  let current: NameWatch | null = null;
  let cancelRetry = (): void => {};
  let hasWarned = false;

  const arm = (path: string): void => {
    cancelRetry();
    current?.close();
    current = null;
    try {
      current = watch(path);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      cancelRetry = later(() => armLate(path), retryAfter);
      if (!hasWarned) warn(`unable to watch ${path}, rescanning: ${reasonOf(error.errno)}`);
      hasWarned = true;
    }
  };

  /** Changes may have been missed meanwhile. */
  const armLate = (path: string): void => {
    arm(path);
    onHint();
  };

  const watch = (path: string): NameWatch => {
    const places = placesOf(path);
    return watchNames([path, ...places.keys()], (directory, name) => {
      // The directory itself has gone, or a link on the way to it leads elsewhere.
      if (name === null || places.get(directory)?.has(name) === true) armLate(path);
      // A dot entry is no service, and may change often.
      else if (directory === path && !name.startsWith(".")) onHint();
    });
  };

  return { arm };
}

/**
 * Where the path, and what it leads to link by link, may come to lead elsewhere: the names by the directories that they are
 * in. A directory that is there tells by itself when it goes.
 */
function placesOf(path: string): ReadonlyMap<string, ReadonlySet<string>> {
  const places = new Map<string, Set<string>>();
  for (let next: string | null = resolveName(path), left = mostLinks; next !== null && left > 0; left--) {
    if (isNoLink(next)) break;
    const directory = directoryOf(next);
    places.set(directory, (places.get(directory) ?? new Set()).add(lastNameOf(next)));
    next = linkTarget(next, directory);
  }
  return places;
}

/** The kernel follows no more. */
const mostLinks = 40;

/** False where there is nothing. */
function isNoLink(path: string): boolean {
  try {
    return !lstatSync(pathOfName(path)).isSymbolicLink();
  } catch {
    return false;
  }
}

function linkTarget(path: string, directory: string): string | null {
  try {
    const target = nameOf(readlinkSync(pathOfName(path), { encoding: "buffer" }));
    return resolveName(target.startsWith("/") ? target : `${directory}/${target}`);
  } catch {
    return null;
  }
}
