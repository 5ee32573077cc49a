import { statSync, unlinkSync } from "node:fs";

import { errno, errnoOf } from "@upkeep/linux/core/errno";
import { makeFifo } from "@upkeep/linux/fd/fifo";

/** What mkfifo(3) says where the file system has no FIFOs: exFAT, FUSE, shared folders of a desktop, SMB. */
const unsupported: ReadonlySet<number> = new Set([errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL]);

/**
 * Why no FIFO can be made in the supervise directory at `path`, as an errno; 0 when one is there, or can be made, or when
 * another error must show later. SMB may make a plain file instead: that counts as EPERM.
 */
export function whyNoFifos(path: string): number {
  if (isFifo(`${path}/ok`)) return 0;
  const trial = `${path}/ok.new`;
  try {
    makeFifo(trial, 0o600);
  } catch (error) {
    // One may be there that a killed runsv has left.
    if (errnoOf(error) !== errno.EEXIST) return unsupported.has(errnoOf(error)) ? errnoOf(error) : 0;
  }
  const isReal = isFifo(trial);
  try {
    unlinkSync(trial);
  } catch {
    // It is in nobody's way.
  }
  return isReal ? 0 : errno.EPERM;
}

function isFifo(path: string): boolean {
  try {
    return statSync(path).isFIFO();
  } catch {
    return false;
  }
}
