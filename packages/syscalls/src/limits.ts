import { readFileSync } from "node:fs";

import { libc } from "#libc";

import { SystemError } from "./errno.ts";

const RLIMIT_NOFILE = 7;

/** A resource limit. Infinity stands for "unlimited". */
export interface Limit {
  readonly soft: number;
  readonly hard: number;
}

/** How many descriptors this process may have open (getrlimit RLIMIT_NOFILE). Throws {@link SystemError}. */
export function openFilesLimit(): Limit {
  const bytes = new Uint8Array(16);
  if (libc.getrlimit(RLIMIT_NOFILE, bytes) === -1) throw new SystemError("read limit of open files", libc.errno());
  const view = new DataView(bytes.buffer);
  return { soft: limitOf(view.getBigUint64(0, true)), hard: limitOf(view.getBigUint64(8, true)) };
}

/** Sets the limit of open descriptors (setrlimit RLIMIT_NOFILE). Throws {@link SystemError}. */
export function setOpenFilesLimit(limit: Limit): void {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, numberOf(limit.soft), true);
  view.setBigUint64(8, numberOf(limit.hard), true);
  if (libc.setrlimit(RLIMIT_NOFILE, bytes) === -1) throw new SystemError("set limit of open files", libc.errno());
}

/**
 * Undoes what both runtimes do at their start: they raise the soft limit of open descriptors to the
 * hard one, and every child would inherit that.
 *
 * The value from before is gone, but it came from the parent, so the parent's is taken. A parent
 * with another hard limit says that somebody set the limit for us on the way (`ulimit -n` sets both
 * halves), and process 1 has no parent to ask: the limit then stays as it is.
 */
export function restoreOpenFilesLimit(): void {
  const own = openFilesLimit();
  const parent = parentLimit();
  if (parent !== null && parent.hard === own.hard && parent.soft < own.soft) {
    setOpenFilesLimit({ soft: parent.soft, hard: own.hard });
  }
}

function parentLimit(): Limit | null {
  try {
    return parseOpenFilesLimit(readFileSync(`/proc/${process.ppid}/limits`, "latin1"));
  } catch {
    return null;
  }
}

/** Finds the limit of open files in the text of /proc/PID/limits (proc(5)); null when it is not there. */
export function parseOpenFilesLimit(text: string): Limit | null {
  const found = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(text);
  if (found === null) return null;
  const [soft, hard] = found.slice(1).map((word) => (word === "unlimited" ? Infinity : Number(word)));
  return soft === undefined || hard === undefined ? null : { soft, hard };
}

const UNLIMITED = 0xffff_ffff_ffff_ffffn;

function limitOf(value: bigint): number {
  return value === UNLIMITED ? Infinity : Number(value);
}

function numberOf(value: number): bigint {
  return value === Infinity ? UNLIMITED : BigInt(value);
}
