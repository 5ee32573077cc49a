import { lstatSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { attempt } from "../core/errno.ts";
import { pathOfName } from "../core/name-text.ts";

/**
 * Moves what is at `path` out of the way, to the first name that is free of `.NAME.before-WORD-1`, `.NAME.before-WORD-2` and so on
 * beside it. No init and no runsvdir takes a name with a dot for a service. Throws SystemError.
 *
 * @param word what takes its place: `import`.
 * @returns where it is now.
 */
export function keepCopy(path: string, word: string): string {
  for (let number = 1; ; number++) {
    const copy = join(dirname(path), `.${basename(path)}.before-${word}-${number}`);
    if (isNameTaken(copy)) continue;
    move(path, copy);
    return copy;
  }
}

/** Whether anything has this name. A link to nowhere is there as well. Throws SystemError. */
export function isNameTaken(path: string): boolean {
  return attempt(`find ${path}`, () => lstatSync(pathOfName(path), { throwIfNoEntry: false })) !== undefined;
}

/** Throws SystemError. */
export function move(from: string, to: string): void {
  attempt(`rename ${from} to ${to}`, () => renameSync(pathOfName(from), pathOfName(to)));
}
