import { fstatSync } from "node:fs";

/** The major number of /dev/null and its kin. */
const memoryDevices = 1;

/**
 * Whether a descriptor may be a terminal: a device of characters, and not /dev/null. `isTerminal` knows, but it needs the
 * foreign function interface, and to load that takes most of what a short command takes.
 */
export function mayBeTerminal(fd: number): boolean {
  try {
    const found = fstatSync(fd);
    return found.isCharacterDevice() && found.rdev >> 8 !== memoryDevices;
  } catch {
    // It is closed.
    return false;
  }
}
