import { lstatSync, readdirSync, statSync } from "node:fs";

import { errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";

/** The directory with a file for each dependency, named as the sibling it is. */
export const dependenciesDirectory = "dependencies.d";

/**
 * The names of the services that the one in `directory` depends on, in no order; none where nothing says so.
 *
 * Throws as node:fs does, or SystemError, where there may be some, but it cannot be read which; ENOTDIR: something
 * else stands in the place of `dependencies.d`.
 */
export function listDependencies(directory: string): readonly string[] {
  const path = `${directory}/${dependenciesDirectory}`;
  // Cheaper than a listing that fails, as it does for most services; and it takes no descriptor.
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    // A link may lead to a file system that is not there yet: that nothing is needed is not what it says.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return [];
    throw new SystemError(`read ${dependenciesDirectory}`, errno.ENOENT);
  }
  if (!found.isDirectory()) throw new SystemError(`read ${dependenciesDirectory}`, errno.ENOTDIR);
  try {
    return readdirSync(path).filter((entry) => !entry.startsWith("."));
  } catch (error) {
    // Removed in this moment.
    if (errnoOf(error) === errno.ENOENT) return [];
    throw error;
  }
}
