import { lstatSync, unlinkSync } from "node:fs";

import { errno, errnoOf } from "@upkeep/linux/core/errno";
import { makeFifo } from "@upkeep/linux/fd/fifo";

/** What mkfifo(3) says where the file system has no FIFOs: exFAT, FUSE, shared folders of a desktop, SMB. */
const unsupported: ReadonlySet<number> = new Set([errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL]);

/**
 * Makes the ok FIFO (0600) of the supervise directory at `path`, unless something has that name.
 *
 * @returns why the file system can have no FIFO, as an errno; 0 when it is made, or was there, or when another error must
 * show later. SMB may make a plain file instead: that is removed, and counts as EPERM.
 */
export function whyNoFifos(path: string, make: typeof makeFifo = makeFifo): number {
  const ok = `${path}/ok`;
  if (isFifo(ok) !== null) return 0;
  try {
    make(ok, 0o600);
  } catch (error) {
    return unsupported.has(errnoOf(error)) ? errnoOf(error) : 0;
  }
  if (isFifo(ok) !== false) return 0;
  unlinkSync(ok);
  return errno.EPERM;
}

/** Null where nothing is there, or nothing can be seen. */
function isFifo(path: string): boolean | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isFIFO() ?? null;
  } catch {
    return null;
  }
}
