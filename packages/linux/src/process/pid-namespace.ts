import { closeSync, openSync, readlinkSync } from "node:fs";

import { libc } from "#libc";

import { attempt, SystemError } from "../core/errno.ts";
import { signals } from "../core/signals.ts";
import { cString } from "../ffi/c-string.ts";

const CLONE_NEWNS = 0x2_0000;
const CLONE_NEWPID = 0x2000_0000;
const MS_REC = 0x4000;
const MS_PRIVATE = 0x4_0000;
const PR_SET_PDEATHSIG = 1;

/**
 * Makes what `start` starts process 1 of a new PID namespace (unshare(2)); afterwards children are born in ours again. In
 * between no thread can be made, so `start` must do nothing else. Throws {@link SystemError}: EPERM without
 * CAP_SYS_ADMIN.
 */
export function inNewPidNamespace<Result>(start: () => Result): Result {
  const own = attempt("open PID namespace", () => openSync("/proc/self/ns/pid", "r"));
  try {
    if (libc.unshare(CLONE_NEWPID) === -1) throw new SystemError("create PID namespace", libc.errno());
    try {
      return start();
    } finally {
      libc.setns(own, CLONE_NEWPID);
    }
  } finally {
    closeSync(own);
  }
}

/** Whether /proc shows the PID namespace that this process is in. */
export function seesOwnProcesses(): boolean {
  try {
    return readlinkSync("/proc/self") === String(libc.getpid());
  } catch {
    return false;
  }
}

/** Mounts /proc for the PID namespace of this process, where nobody else sees it. Throws {@link SystemError}. */
export function mountOwnProc(): void {
  const none = cString("none");
  const proc = cString("proc");
  if (libc.unshare(CLONE_NEWNS) === -1) throw new SystemError("create mount namespace", libc.errno());
  // Otherwise the mount would show in the namespace that ours is a copy of.
  if (libc.mount(none, cString("/"), none, MS_REC | MS_PRIVATE, 0) === -1) {
    throw new SystemError("make mounts private", libc.errno());
  }
  if (libc.mount(proc, cString("/proc"), proc, 0, 0) === -1) throw new SystemError("mount /proc", libc.errno());
}

/** KILL ends this process when its parent ends (PR_SET_PDEATHSIG). */
export function endWithParent(): void {
  libc.prctl(PR_SET_PDEATHSIG, signals.SIGKILL, 0, 0, 0);
}
