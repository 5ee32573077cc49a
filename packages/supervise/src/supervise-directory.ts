import { mkdirSync, readlinkSync } from "node:fs";

import { errno, errnoOf, SystemError } from "@upkeep/syscalls/errno";

const mode = 0o700;

/** Length from which on runit refuses the text of a `supervise` link. */
const linkLimit = 256;

/**
 * Makes the `supervise` directory of a service (0700) unless it is there. Where it is a link to
 * nowhere, the link's target is made, one level of it; that is how state is kept on another, writable
 * file system. Whatever still is in the way shows when the lock is opened.
 *
 * @param base the directory that holds (or is to hold) `supervise`, as a path prefix.
 * @param name how messages call it: `./supervise` or `./log/supervise`. Throws {@link SystemError}.
 */
export function makeSuperviseDirectory(base: string, name: string): void {
  const path = `${base}/supervise`;
  if (tryMkdir(path)) return;
  let target: string;
  try {
    target = readlinkSync(path);
  } catch (error) {
    if (errnoOf(error) === errno.EINVAL || errnoOf(error) === errno.ENOENT) return;
    throw SystemError.from(`readlink ${name}`, error);
  }
  if (Buffer.byteLength(target) >= linkLimit) throw new NameTooLong(name);
  tryMkdir(target.startsWith("/") ? target : `${base}/${target}`);
}

/** runit's own words for this case, which are not those of ENAMETOOLONG. */
class NameTooLong extends SystemError {
  constructor(name: string) {
    super(`readlink ${name}`, errno.ENAMETOOLONG);
    this.message = `unable to readlink ${name}: name too long`;
  }
}

function tryMkdir(path: string): boolean {
  try {
    mkdirSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
