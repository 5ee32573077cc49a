import fs from "node:fs";

import { errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";

/** The lock, in the scan directory: every runsvdir passes over dot entries. */
const lockName = ".sv.lock";

/** How long a lock counts whose holder was killed, and how long and how often somebody else's is waited for, in ms. */
const stale = 5000;
const patience = { retries: 200, factor: 1, minTimeout: 50, maxTimeout: 50 };

/** A scan directory in which nothing can be made cannot be changed either, so it need not be guarded. */
const harmless: ReadonlySet<number> = new Set([errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR]);

/**
 * Keeps a second sv from changing the same scan directory; waits for one that is at it, and throws
 * SystemError when that does not end.
 *
 * @returns what gives the lock back.
 */
export async function lockTree(directory: string): Promise<() => Promise<void>> {
  if (isUnchangeable(directory)) return async () => {};
  const { lock } = await import("proper-lockfile");
  try {
    const lockfilePath = `${directory}/${lockName}`;
    // What is done under it takes milliseconds: losing it meanwhile is no reason to end.
    const options = { lockfilePath, realpath: false, stale, retries: patience, fs, onCompromised: () => {} };
    const unlock = await lock(directory, options);
    return async () => {
      await unlock().catch(() => {});
    };
  } catch (error) {
    const isOthers = (error as { readonly code?: unknown }).code === "ELOCKED";
    if (isOthers) throw new SystemError(`lock ${directory}`, errno.EAGAIN);
    if (!harmless.has(errnoOf(error))) throw error;
    return async () => {};
  }
}

/** Asked first, for the library tries again for all of its patience, whatever the reason. */
function isUnchangeable(directory: string): boolean {
  try {
    fs.accessSync(directory, fs.constants.W_OK);
    return false;
  } catch (error) {
    return harmless.has(errnoOf(error));
  }
}
