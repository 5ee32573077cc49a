import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

/**
 * The text of a small file; null where there is none, or it cannot be read.
 *
 * @param owner uid that it must belong to; null: anybody.
 */
export function readQuietly(path: string, owner: number | null = null): string | null {
  try {
    // Non-blocking: whatever stands in its place must not hold us up.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (owner !== null && fstatSync(fd).uid !== owner) return null;
      return readFileSync(fd, "utf8");
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
}
