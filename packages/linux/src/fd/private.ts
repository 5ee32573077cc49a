import { lstatSync, mkdirSync, type Stats } from "node:fs";

import { errno, errnoOf } from "../core/errno.ts";

/** Whether a file or directory is this user's, and nobody else has any right to it. */
export function isPrivate({ uid, mode }: Pick<Stats, "uid" | "mode">): boolean {
  return uid === process.geteuid?.() && (mode & 0o077) === 0;
}

/** Makes a directory (0700) unless something is there, and returns what is there, which may be a link. Throws as node:fs does. */
export function makePrivateDirectory(path: string): Stats {
  try {
    mkdirSync(path, 0o700);
  } catch (error) {
    if (errnoOf(error) !== errno.EEXIST) throw error;
  }
  return lstatSync(path);
}
