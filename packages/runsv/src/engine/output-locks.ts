import { constants, fstatSync, openSync } from "node:fs";

import type { OutputLocks } from "@upkeep/log-prefix/output/output-lock";
import { createByteLock } from "@upkeep/linux/fd/byte-lock";
import { closeQuietly } from "@upkeep/linux/fd/files";
import { isPrivate } from "@upkeep/linux/fd/private";
import { runtimeDirectories } from "@upkeep/supervise/place/places";

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;

/** In a directory for state elsewhere. It is empty, and there for good. */
const fileName = "output-locks";

/**
 * Opens what every supervisor of this user locks while it writes to the same output: two bytes of one file for all
 * outputs. Null where there is no place for that file. Services hold the output itself, and anybody may open the scan
 * directory, so neither is locked: whoever holds such a lock holds up all services.
 *
 * @param output the descriptor of the output, whose file decides which bytes.
 */
export function openOutputLocks(output: number): OutputLocks | null {
  const { dev, ino } = fstatSync(output, { bigint: true });
  for (const directory of runtimeDirectories()) {
    const fd = openOwn(`${directory}/${fileName}`);
    if (fd === null) continue;
    const offset = offsetOf(dev, ino);
    return { lock: createByteLock(fd, offset), turn: createByteLock(fd, offset + 1n) };
  }
  return null;
}

/** An even number below 2^62. Two outputs with the same one would only wait for each other. */
function offsetOf(dev: bigint, ino: bigint): bigint {
  return BigInt.asUintN(61, dev * 0x9e37_79b9_7f4a_7c15n + ino) * 2n;
}

/** Null where it cannot be made, or others may open it. */
function openOwn(path: string): number | null {
  let fd: number | null = null;
  try {
    fd = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
    const found = fstatSync(fd);
    if (found.isFile() && isPrivate(found)) return fd;
  } catch {
    // The next directory may do.
  }
  closeQuietly(fd);
  return null;
}
