import { readlinkSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";

import { errnoOf, reasonOf } from "@upkeep/linux/core/errno";
import type { FSWatcher, watch as Watch } from "chokidar";

/** Tells early of changes in a scan directory. It may miss some: nothing depends on it, as there is the timed scan. */
export interface Watcher {
  /** Watches the directory that `path` means now; to be called again when it means another. */
  arm(path: string): void;
}

export interface Ports {
  /** Loads the library that watches, when it is needed first. */
  readonly load: () => Promise<{ readonly watch: typeof Watch }>;
  /** Sets a timer, in ms; the result cancels it. */
  readonly later: (action: () => void, millis: number) => () => void;
  /** Something may have changed, or may have changed before watching began. */
  readonly onHint: () => void;
  readonly warn: (message: string) => void;
}

/** How long after a failure watching is tried again, in ms. */
const retryAfter = 60_000;

/**
 * The directory itself: one watch in all. The library would keep something of each entry, and look at all of them at each
 * change. So it is told to ignore them, and its raw events name what has changed.
 */
const options = {
  atomic: false,
  depth: 0,
  followSymlinks: false,
  ignoreInitial: true,
  ignorePermissionErrors: true,
} as const;

export function createWatcher({ load, later, onHint, warn }: Ports): Watcher {
  let current: FSWatcher | null = null;
  /** Counts the calls of `arm`: a later one makes those before it void. */
  let generation = 0;
  let cancelRetry = (): void => {};
  let hasWarned = false;

  const arm = (path: string): void => {
    cancelRetry();
    current?.removeAllListeners();
    current?.close().catch(() => {});
    current = null;
    start(path, ++generation).catch((error: unknown) => fail(path, error));
  };

  const start = async (path: string, own: number): Promise<void> => {
    // An environment made for other programs may ask for polling, and then the watcher would never rest.
    delete process.env["CHOKIDAR_USEPOLLING"];
    const { watch } = await load();
    if (own !== generation) return;
    const roots = linksTo(path);
    current = watch([...roots], { ...options, ignored: (found) => !roots.has(found) });
    // The library's watch on a directory does not always come back with the directory.
    current.on("all", () => arm(path));
    current.on("raw", (event, changed) => {
      // An entry has come or gone. A dot entry is no service, and may change often.
      if (event === "rename" && changed !== null && !basename(changed).startsWith(".")) onHint();
    });
    current.on("ready", onHint);
    current.on("error", (error) => {
      if (isAboutWatching(error)) fail(path, error);
    });
  };

  const fail = (path: string, error: unknown): void => {
    cancelRetry();
    cancelRetry = later(() => arm(path), retryAfter);
    if (!hasWarned) warn(`unable to watch ${path}, rescanning: ${reasonOf(errnoOf(error))}`);
    hasWarned = true;
  };

  return { arm };
}

/**
 * The path, and what it leads to link by link; each of these may come to lead elsewhere. The library watches a link, or a
 * path that does not exist, through the directory that it is in.
 */
function linksTo(path: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (let next: string | null = resolve(path); next !== null && !found.has(next); next = linkTarget(next)) {
    found.add(next);
  }
  return found;
}

function linkTarget(path: string): string | null {
  try {
    return resolve(dirname(path), readlinkSync(path));
  } catch {
    return null;
  }
}

/** Tells "cannot be watched" from trouble with a single entry, which the scan reports. */
function isAboutWatching(error: unknown): boolean {
  return (error as { readonly syscall?: unknown } | null)?.syscall === "watch";
}
