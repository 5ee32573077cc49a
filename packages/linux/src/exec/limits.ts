import { readFileSync } from "node:fs";

import { libc } from "#libc";

import { SystemError } from "../core/errno.ts";

const RLIMIT_NOFILE = 7;

/** A resource limit. Infinity stands for "unlimited". */
export interface Limit {
  readonly soft: number;
  readonly hard: number;
}

/** The halves of a limit as the kernel has them; {@link unlimited} is the greatest number there is. */
export interface RawLimit {
  readonly soft: bigint;
  readonly hard: bigint;
}

/** RLIM_INFINITY. */
export const unlimited = 0xffff_ffff_ffff_ffffn;

/** Reads a limit of this process by its number (getrlimit). Throws {@link SystemError}. */
export function readLimit(resource: number): RawLimit {
  const bytes = new Uint8Array(16);
  if (libc.getrlimit(resource, bytes) === -1) throw new SystemError("getrlimit()", libc.errno());
  const view = new DataView(bytes.buffer);
  return { soft: view.getBigUint64(0, true), hard: view.getBigUint64(8, true) };
}

/**
 * Prepares the call that sets a limit (setrlimit). The call itself allocates nothing, so that it works when a limit of
 * memory is already in force. It returns 0 or the errno.
 */
export function prepareLimit(resource: number, limit: RawLimit): () => number {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, limit.soft, true);
  view.setBigUint64(8, limit.hard, true);
  // Taken now: libc opens each function at its first use.
  const { setrlimit, errno } = libc;
  return () => (setrlimit(resource, bytes) === -1 ? errno() : 0);
}

/** How many descriptors this process may have open (getrlimit RLIMIT_NOFILE). Throws {@link SystemError}. */
export function openFilesLimit(): Limit {
  const { soft, hard } = readLimit(RLIMIT_NOFILE);
  return { soft: limitOf(soft), hard: limitOf(hard) };
}

/** Sets the limit of open descriptors (setrlimit RLIMIT_NOFILE). Throws {@link SystemError}. */
export function setOpenFilesLimit(limit: Limit): void {
  const failed = prepareLimit(RLIMIT_NOFILE, { soft: numberOf(limit.soft), hard: numberOf(limit.hard) })();
  if (failed !== 0) throw new SystemError("set limit of open files", failed);
}

/**
 * Undoes what both runtimes do at their start: they raise the soft limit of open descriptors to the hard one, and every
 * child would inherit that.
 *
 * The former value is lost, but it came from the parent, so we take the parent's. If the parent has another hard limit,
 * somebody has set ours on the way (`ulimit -n` sets both halves), and the limit stays as it is. It also stays in process
 * 1, which has no parent.
 */
export function restoreOpenFilesLimit(): void {
  const own = openFilesLimit();
  const parent = parentLimit();
  if (parent !== null && parent.hard === own.hard && parent.soft < own.soft) {
    setOpenFilesLimit({ soft: parent.soft, hard: own.hard });
  }
}

/** The limit that children get; null as long as it is ours. */
let inherited: Limit | null = null;

/**
 * Lets this process have as many descriptors open as the hard limit allows. What {@link withInheritedLimit} starts gets the
 * limit that was in force.
 *
 * @returns how many that are.
 */
export function raiseOpenFilesLimit(): number {
  const own = openFilesLimit();
  if (own.soft >= own.hard) return own.soft;
  try {
    setOpenFilesLimit({ soft: own.hard, hard: own.hard });
    inherited = own;
    return own.hard;
  } catch {
    return own.soft;
  }
}

/** Runs `start`, which starts a process, with the limit from before {@link raiseOpenFilesLimit}. */
export function withInheritedLimit<Result>(start: () => Result): Result {
  if (inherited === null) return start();
  const { soft, hard } = inherited;
  setOpenFilesLimit({ soft, hard });
  try {
    return start();
  } finally {
    setOpenFilesLimit({ soft: hard, hard });
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

function limitOf(value: bigint): number {
  return value === unlimited ? Infinity : Number(value);
}

function numberOf(value: number): bigint {
  return value === Infinity ? unlimited : BigInt(value);
}
