import fs from "node:fs";

import { errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";

/** The lock, in the scan directory. Every runsvdir ignores names that begin with a dot. */
const lockName = ".sv.lock";

/** After how many ms the lock of a killed holder counts no more. */
const stale = 5000;

/** How often, and with what pauses in ms, another holder is waited for. */
const patience = { retries: 200, factor: 1, minTimeout: 50, maxTimeout: 50 };

/** Where no lock can be made, nothing else in the scan directory can be changed either. */
const harmless: ReadonlySet<number> = new Set([errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR]);

/**
 * Keeps a second sv from changing the same scan directory. Waits while another one changes it, and throws SystemError
 * when that takes too long.
 *
 * @returns a function that releases the lock.
 */
export async function lockTree(directory: string): Promise<() => Promise<void>> {
  if (isUnchangeable(directory)) return async () => {};
  const { lock } = await import("proper-lockfile");
  try {
    const lockfilePath = `${directory}/${lockName}`;
    // Changes take milliseconds; to lose the lock meanwhile is no reason to end.
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

/** Asked first, because the library keeps trying for all of its patience, whatever the reason. */
function isUnchangeable(directory: string): boolean {
  try {
    fs.accessSync(directory, fs.constants.W_OK);
    // No sv has made a lock that is no directory, and none will give it back.
    return fs.lstatSync(`${directory}/${lockName}`, { throwIfNoEntry: false })?.isDirectory() === false;
  } catch (error) {
    return harmless.has(errnoOf(error));
  }
}
