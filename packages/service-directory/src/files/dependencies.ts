import { lstatSync, readdirSync, statSync } from "node:fs";

import { errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";
import { nameOf } from "@upkeep/linux/core/name-text";

/** The directory with a file for each dependency; the name of the file is that of the sibling. */
export const dependenciesDirectory = "dependencies.d";

/**
 * The names of the services that the service in `directory` depends on, as name texts and in no order; none without `dependencies.d`.
 *
 * Throws as node:fs does, or SystemError, where `dependencies.d` cannot be read; ENOTDIR where it is no directory.
 */
export function listDependencies(directory: string): readonly string[] {
  const path = `${directory}/${dependenciesDirectory}`;
  // Most services have none. This is cheaper than a listing that fails, and takes no descriptor.
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    // A dangling link may lead to a file system that is not mounted yet. It does not say that there are no dependencies.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return [];
    throw new SystemError(`read ${dependenciesDirectory}`, errno.ENOENT);
  }
  if (!found.isDirectory()) throw new SystemError(`read ${dependenciesDirectory}`, errno.ENOTDIR);
  try {
    const entries = readdirSync(path, { encoding: "buffer" }).map(nameOf);
    return entries.filter((entry) => !entry.startsWith("."));
  } catch (error) {
    // Somebody has just removed it.
    if (errnoOf(error) === errno.ENOENT) return [];
    throw error;
  }
}
