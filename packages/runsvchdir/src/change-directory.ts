import { renameSync, statSync, symlinkSync, unlinkSync } from "node:fs";

import { attempt, attemptUnlessAbsent, errno, errnoOf, reasonOf, SystemError } from "@upkeep/linux/core/errno";

/** The directory cannot become the current one. The message is complete. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/**
 * Makes the link `current` in `base` lead to `directory`, a name in `base` or an absolute path. `previous` then leads to
 * the former one. A `runsvdir` that scans `current` sees the new directory at its next scan.
 *
 * @returns false if it leads there already. Throws {@link Refusal} and SystemError with runit's messages.
 */
export function changeDirectory(base: string, directory: string): boolean {
  if (directory.startsWith(".")) throw new Refusal(`${directory}: must not start with a dot.`);
  attempt(`chdir: ${base}`, () => statSync(`${base}/.`));
  const path = (name: string): string => `${base}/${name}`;
  const wanted = statWanted(directory, directory === "" || directory.startsWith("/") ? directory : path(directory));
  if (!wanted.isDirectory()) throw new Refusal(`${directory}not a directory.`);
  const current = attempt("stat: current", () => statSync(path("current")));
  if (current.ino === wanted.ino && current.dev === wanted.dev) return false;
  remove("current.new", path("current.new"));
  attempt(`create: current.new -> ${directory}`, () => symlinkSync(directory, path("current.new")));
  remove("previous", path("previous"));
  attempt("copy: current to previous", () => renameSync(path("current"), path("previous")));
  try {
    renameSync(path("current.new"), path("current"));
  } catch (error) {
    putBack(path("previous"), path("current"));
    throw SystemError.from("move: current.new to current", error);
  }
  return true;
}

function statWanted(name: string, path: string): ReturnType<typeof statSync> & object {
  try {
    return statSync(path);
  } catch (error) {
    if (errnoOf(error) === errno.ENOENT) throw new Refusal(`${name}: ${reasonOf(errno.ENOENT)}`);
    throw SystemError.from(`stat: ${name}`, error);
  }
}

function remove(name: string, path: string): void {
  attemptUnlessAbsent(`unlink: ${name}`, () => unlinkSync(path));
}

/** The old directory is better than none. */
function putBack(previous: string, current: string): void {
  try {
    renameSync(previous, current);
  } catch {
    // The caller reports the first failure.
  }
}
