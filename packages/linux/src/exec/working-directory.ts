import { closeSync, constants, openSync } from "node:fs";

import { libc } from "#libc";

import { errnoOf } from "../core/errno.ts";
import { O_PATH } from "../fd/files.ts";

const CLONE_FS = 0x200;

/**
 * Runs `act` with another working directory, and comes back before anything else of ours can run. `act` must not wait.
 *
 * The other threads of the runtime keep their working directory, because this thread gets one of its own (unshare(2)
 * with CLONE_FS, which needs no privilege). A container may forbid unshare. Then all threads move for that moment,
 * which is harmless as long as none of them uses a relative path.
 *
 * @param directory descriptor of the directory.
 * @param act returns 0 or an errno, as posix_spawn does.
 * @returns what `act` returns; or the errno, if we cannot enter the directory, or could not come back.
 */
export function inDirectory(directory: number, act: () => number): number {
  let home: number;
  try {
    home = openSync(".", O_PATH | constants.O_DIRECTORY);
  } catch (error) {
    return errnoOf(error);
  }
  try {
    libc.unshare(CLONE_FS);
    // The way back may be closed to us: the directory that we were started in may belong to another user.
    for (const fd of [home, directory]) if (libc.fchdir(fd) === -1) return libc.errno();
    try {
      return act();
    } finally {
      libc.fchdir(home);
    }
  } finally {
    closeSync(home);
  }
}
