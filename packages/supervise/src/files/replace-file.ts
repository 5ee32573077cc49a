import { Buffer } from "node:buffer";
import { closeSync, writeSync } from "node:fs";

import { AT_FDCWD, openFreshAt, renameAt, type Location } from "@upkeep/linux/fd/at";
import { attempt, errno, SystemError } from "@upkeep/linux/core/errno";

/**
 * Replaces a file as a whole: writes `FILE.new` (with `mode` less the umask) and renames it. A reader, also after a crash at any
 * moment, finds the old content or the new one, never half of it.
 *
 * @param where its path, or its location. @param name what messages call it: `supervise/pid`. Throws SystemError in
 * runit's words: `unable to open supervise/pid.new: file does not exist`.
 */
export function replaceFile(where: Location | string, name: string, content: Uint8Array | string, mode = 0o644): void {
  const { directory, path } = typeof where === "string" ? { directory: AT_FDCWD, path: where } : where;
  const fresh: Location = { directory, path: `${path}.new` };
  const fd = openFreshAt(fresh, `open ${name}.new`, mode);
  try {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    const written = bytes.length === 0 ? 0 : attempt(`write ${name}.new`, () => writeSync(fd, bytes));
    if (written !== bytes.length) throw new SystemError(`write ${name}.new`, errno.ENOSPC);
  } finally {
    closeSync(fd);
  }
  renameAt(fresh, path, `rename ${basename(name)}.new to ${name}`);
}

function basename(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
