import { fstatSync, readFileSync, readlinkSync } from "node:fs";

import { withFile } from "@upkeep/linux/fd/files";

/**
 * The text of a small file; null where there is none, or it cannot be read.
 *
 * @param owner uid that it must belong to; null: anybody.
 */
export function readQuietly(path: string, owner: number | null = null): string | null {
  try {
    return withFile(path, (fd) => (owner !== null && fstatSync(fd).uid !== owner ? null : readFileSync(fd, "utf8")));
  } catch {
    return null;
  }
}

/** What a link says; null where there is none, or it cannot be read. */
export function readLinkQuietly(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
