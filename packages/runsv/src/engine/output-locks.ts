import { constants, fstatSync, openSync } from "node:fs";

import type { LockPlaces } from "@upkeep/log-prefix/output/output-lock";
import { closeQuietly } from "@upkeep/linux/fd/files";
import { runtimeDirectories } from "@upkeep/supervise/place/places";

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;

/**
 * Opens the two files that every supervisor of this user locks while it writes to the same output: null where there is no
 * place for them. Services hold the output itself, and anybody may open the scan directory, so neither is locked: whoever
 * holds a lock of these holds up all services.
 *
 * @param output the descriptor of the output, whose file names the locks.
 */
export function openOutputLocks(output: number): LockPlaces | null {
  const { dev, ino } = fstatSync(output, { bigint: true });
  for (const directory of runtimeDirectories()) {
    const name = `${directory}/output-${dev}-${ino}`;
    const [lock, turn] = [openOwn(`${name}.lock`), openOwn(`${name}.turn`)];
    if (lock !== null && turn !== null) return { lock, turn };
    for (const fd of [lock, turn]) closeQuietly(fd);
  }
  return null;
}

/** Null where it cannot be made, or others may open it. */
function openOwn(path: string): number | null {
  let fd: number | null = null;
  try {
    fd = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
    const found = fstatSync(fd);
    if (found.isFile() && found.uid === process.geteuid?.() && (found.mode & 0o077) === 0) return fd;
  } catch {
    // The next directory may do.
  }
  closeQuietly(fd);
  return null;
}
