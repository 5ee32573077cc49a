import { readlinkSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";

import { errnoOf, reasonOf } from "@upkeep/linux/core/errno";
import type { FSWatcher } from "chokidar";

/** Tells early of changes in a scan directory. It may miss some: the timed rescan is the truth. */
export interface Watcher {
  /** Watches the directory that `path` means now; to be called again when it means another. */
  arm(path: string): void;
}

interface Hooks {
  /** Something may have changed, or may have changed before watching began. */
  readonly onHint: () => void;
  readonly warn: (message: string) => void;
}

/** How long after a failure watching is tried again, in ms. */
const retryAfter = 60_000;

/** The directory and its entries, and nothing below them: one watch in all. */
const options = {
  atomic: false,
  depth: 0,
  followSymlinks: false,
  ignoreInitial: true,
  ignorePermissionErrors: true,
} as const;

/** Makes a watcher, which loads its library only when first armed. */
export function createWatcher({ onHint, warn }: Hooks): Watcher {
  let current: FSWatcher | null = null;
  let generation = 0;
  let retry: NodeJS.Timeout | undefined;
  let hasWarned = false;

  const arm = (path: string): void => {
    clearTimeout(retry);
    current?.removeAllListeners();
    current?.close().catch(() => {});
    current = null;
    start(path, ++generation).catch((error: unknown) => fail(path, error));
  };

  const start = async (path: string, own: number): Promise<void> => {
    // An environment made for other programs may ask for polling, which would never let us rest.
    delete process.env["CHOKIDAR_USEPOLLING"];
    const { watch } = await import("chokidar");
    if (own !== generation) return;
    const roots = linksTo(path);
    current = watch([...roots], options);
    current.on("all", (_event, changed, stats) => {
      // The library's watch on a directory does not always come back with the directory.
      if (roots.has(changed)) arm(path);
      // Neither a plain file nor a dot entry is a service, and they may change often.
      else if (stats?.isFile() !== true && !basename(changed).startsWith(".")) onHint();
    });
    current.on("ready", onHint);
    current.on("error", (error) => {
      if (isAboutWatching(error)) fail(path, error);
    });
  };

  const fail = (path: string, error: unknown): void => {
    clearTimeout(retry);
    retry = setTimeout(() => arm(path), retryAfter);
    if (!hasWarned) warn(`unable to watch ${path}, rescanning: ${reasonOf(errnoOf(error))}`);
    hasWarned = true;
  };

  return { arm };
}

/**
 * The path, and what it leads to link by link, each of which may come to lead elsewhere. Links are
 * watched through the directory they are in, and so is what does not exist.
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

/** Tells "cannot be watched" from trouble with a single entry, which is the rescan's to report. */
function isAboutWatching(error: unknown): boolean {
  return (error as { readonly syscall?: unknown } | null)?.syscall === "watch";
}
