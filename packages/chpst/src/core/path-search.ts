import { errno } from "@upkeep/linux/core/errno";

import type { ByteText } from "./byte-text.ts";

const defaultPath = "/bin:/usr/bin";

/**
 * The files that a program's name may mean, in the order in which they are tried: those in the
 * directories of PATH, or the name itself when there is a slash in it. An empty directory is the
 * working directory.
 *
 * @param path null when there is none.
 */
export function candidates(program: ByteText, path: ByteText | null): readonly ByteText[] {
  if (program.includes("/")) return [program];
  return (path ?? defaultPath).split(":").map((directory) => `${directory === "" ? "." : directory}/${program}`);
}

/** Whether the search goes on when a file could not be executed for this reason. */
function goesOn(reason: number): boolean {
  return [errno.ENOENT, errno.EACCES, errno.EPERM, errno.EISDIR].includes(reason);
}

/**
 * Tries one file after the other. The last reason other than that there is no file is remembered.
 *
 * @param attempt returns the errno when it fails, otherwise not at all.
 * @returns the errno to be told.
 */
export function search<T>(files: readonly T[], attempt: (file: T) => number): number {
  let remembered = errno.ENOENT;
  for (const file of files) {
    const reason = attempt(file);
    if (reason !== errno.ENOENT) remembered = reason;
    if (!goesOn(reason)) break;
  }
  return remembered;
}
