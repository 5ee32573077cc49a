import { statSync, type Stats } from "node:fs";

import { errno, SystemError } from "../core/errno.ts";

/** Bytes: more than half a million users take. */
const mostBytes = 32 * 1024 * 1024;
/** The number of /dev/null, by which container engines mask a file. */
const nullDevice = 0x103;

/**
 * Throws {@link SystemError} where the C library would read the file without end or wait for it: it opens /etc/passwd and
 * /etc/group as whatever they are, and has no bound.
 */
export function checkDatabaseFile(path: string): void {
  const found = statOf(path);
  if (found === null || (found.isCharacterDevice() && found.rdev === nullDevice)) return;
  if (!found.isFile()) throw new SystemError(`read ${path}`, errno.ENOTREG);
  if (found.size > mostBytes) throw new SystemError(`read ${path}`, errno.EFBIG);
}

/** Null where there is none: users may come from elsewhere. */
function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}
