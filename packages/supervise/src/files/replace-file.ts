import { closeSync, renameSync, writeSync } from "node:fs";

import { attempt, errno, SystemError } from "@upkeep/linux/core/errno";
import { openFresh } from "@upkeep/linux/fd/files";

/**
 * Replaces a file as a whole: writes `FILE.new` (with `mode` less the umask) and renames it. A reader, also after a crash at any
 * moment, finds the old content or the new one, never half of it.
 *
 * @param path where it is. @param name what messages call it: `supervise/pid`. Throws SystemError in
 * runit's words: `unable to open supervise/pid.new: file does not exist`.
 */
export function replaceFile(path: string, name: string, content: Uint8Array | string, mode = 0o644): void {
  const fresh = `${path}.new`;
  const fd = attempt(`open ${name}.new`, () => openFresh(fresh, mode));
  try {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    const written = bytes.length === 0 ? 0 : attempt(`write ${name}.new`, () => writeSync(fd, bytes));
    if (written !== bytes.length) throw new SystemError(`write ${name}.new`, errno.ENOSPC);
  } finally {
    closeSync(fd);
  }
  attempt(`rename ${basename(name)}.new to ${name}`, () => renameSync(fresh, path));
}

function basename(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
