import { writeFileSync } from "node:fs";

import { libc } from "#libc";

import { showAsCommand } from "../exec/command-line.ts";
import { cString } from "../ffi/c-string.ts";
import { attempt, errno, SystemError } from "../core/errno.ts";

const PR_SET_CHILD_SUBREAPER = 36;
const PRIO_PROCESS = 0;
const bestPriority = -20;
const worstPriority = 19;

/**
 * Names this process in `ps`, `pgrep` and `pidof`, where Node would show "node". The kernel keeps 15 bytes. The file does the same
 * as prctl PR_SET_NAME, for the main thread. Throws {@link SystemError}.
 */
export function setProcessName(name: string): void {
  attempt("set process name", () => writeFileSync("/proc/self/comm", name));
  showAsCommand(name);
}

/**
 * Makes this process the parent of orphans among its descendants, or ends that (PR_SET_CHILD_SUBREAPER). It must then
 * reap them. Throws {@link SystemError}.
 */
export function setSubreaper(on: boolean): void {
  if (libc.prctl(PR_SET_CHILD_SUBREAPER, on ? 1 : 0, 0, 0, 0) === -1) {
    throw new SystemError("become subreaper", libc.errno());
  }
}

/**
 * Starts a session of this process's own (setsid).
 *
 * @returns 0, or the errno: EPERM when it leads a process group already.
 */
export function startSession(): number {
  return libc.setsid() === -1 ? libc.errno() : 0;
}

/**
 * Changes the working directory (chdir).
 *
 * @param path ends with a NUL.
 * @returns 0, or the errno.
 */
export function changeDirectory(path: Uint8Array): number {
  return libc.chdir(path) === -1 ? libc.errno() : 0;
}

/** Makes the working directory the root directory (chroot). Throws {@link SystemError}. */
export function changeRoot(): void {
  if (libc.chroot(cString(".")) === -1) throw new SystemError("change root directory", libc.errno());
}

/**
 * Adds to the nice level of this thread, within the range of levels (nice(3)). A program that it executes keeps the
 * level. Throws {@link SystemError}: EPERM if it may not be lowered.
 */
export function addNice(increment: number): void {
  const level = libc.getpriority(PRIO_PROCESS, 0) + increment;
  const wanted = Math.min(Math.max(level, bestPriority), worstPriority);
  if (libc.setpriority(PRIO_PROCESS, 0, wanted) === 0) return;
  const number = libc.errno();
  throw new SystemError("set nice level", number === errno.EACCES ? errno.EPERM : number);
}

/**
 * Ends this process at once (_exit). The runtime would tidy up first, and that fails or never ends if one of the
 * descriptors 0 to 2 is closed.
 */
export function endProcess(code: number): never {
  libc["_exit"](code);
  throw new Error("unreachable");
}
