import { closeSync, constants, openSync } from "node:fs";

import { errno, errnoOf } from "@upkeep/linux/core/errno";
import { pathOfName } from "@upkeep/linux/core/name-text";
import { duplicateAbove } from "@upkeep/linux/fd/descriptor";
import { O_PATH } from "@upkeep/linux/fd/files";

const gone: ReadonlySet<number> = new Set([errno.ENOENT, errno.ENOTDIR]);

/**
 * Opens the directory of an entry, as a descriptor from `lowest` on: by the time that its supervisor looks for it, its path
 * may be gone.
 *
 * @returns "gone" where there is none already, and null where it cannot be opened for another reason.
 */
export function openEntry(path: string, lowest = 3): number | "gone" | null {
  try {
    const fd = openSync(pathOfName(path), O_PATH | constants.O_DIRECTORY);
    if (fd >= lowest) return fd;
    try {
      return duplicateAbove(fd, lowest);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return gone.has(errnoOf(error)) ? "gone" : null;
  }
}
