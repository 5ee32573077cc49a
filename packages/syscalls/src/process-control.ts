import { writeFileSync } from "node:fs";

import { libc } from "#libc";

import { attempt, SystemError } from "./errno.ts";

const PR_SET_CHILD_SUBREAPER = 36;

/**
 * Names this process in `ps` and `pgrep`; the kernel keeps 15 bytes. Without it a program on Node
 * would be called "node". The file does what prctl PR_SET_NAME does, for the main thread.
 * Throws {@link SystemError}.
 */
export function setProcessName(name: string): void {
  attempt("set process name", () => writeFileSync("/proc/self/comm", name));
}

/**
 * Makes this process adopt the orphans among its descendants, or stops that (prctl
 * PR_SET_CHILD_SUBREAPER). It must then reap them. Throws {@link SystemError}.
 */
export function setSubreaper(on: boolean): void {
  if (libc.prctl(PR_SET_CHILD_SUBREAPER, on ? 1 : 0, 0, 0, 0) === -1) {
    throw new SystemError("become subreaper", libc.errno());
  }
}
