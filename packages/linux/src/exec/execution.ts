import { readdirSync, readlinkSync } from "node:fs";

import { libc } from "#libc";
import { closedAtStart, opensPipes } from "#runtime";

import { blockOutputs, isCloseOnExec, setCloseOnExec } from "../fd/descriptor.ts";
import type { EnvironmentEntry } from "./environment.ts";
import { attempt } from "../core/errno.ts";
import { restoreOpenFilesLimit } from "./limits.ts";
import { signals } from "../core/signals.ts";
import { allocateVectors } from "../ffi/vector.ts";

const SIG_DFL = 0;

/** The signals that both runtimes ignore. A program executed in our place would still ignore them. */
const ignoredByRuntime = ["SIGPIPE", "SIGXFSZ"] as const;

/**
 * Undoes what the runtime did to this process at its start and what exec would hand on: ignored signals, the limit of
 * open files, close-on-exec and non-blocking descriptors. Call it before anything else that changes the process. Throws
 * SystemError.
 *
 * @returns the descriptors of 0 to 2 that were closed, as far as that can be known. They will be closed for the program.
 */
export function undoRuntimeChanges(): { readonly closedAtStart: readonly number[] } {
  for (const name of ignoredByRuntime) libc.signal(signals[name], SIG_DFL);
  restoreOpenFilesLimit();
  const closed = closedAtStart();
  for (const fd of [0, 1, 2]) {
    if (!closed.includes(fd)) setCloseOnExec(fd, false);
  }
  for (const fd of inheritedDescriptors(readDescriptors(), opensPipes)) setCloseOnExec(fd, false);
  blockOutputs();
  return { closedAtStart: closed };
}

/** An open descriptor above 2, and what it leads to: `pipe:[4711]`, `/etc/passwd`. */
export interface OpenDescriptor {
  readonly fd: number;
  readonly target: string;
}

function readDescriptors(): readonly OpenDescriptor[] {
  const found: OpenDescriptor[] = [];
  for (const name of attempt("list descriptors", () => readdirSync("/proc/self/fd"))) {
    const fd = Number(name);
    if (fd <= 2) continue;
    try {
      const target = readlinkSync(`/proc/self/fd/${name}`);
      if (isCloseOnExec(fd)) found.push({ fd, target });
    } catch {
      // The listing itself had it open.
    }
  }
  return found;
}

/**
 * Tells which of the close-on-exec descriptors came from the parent, because both runtimes make what they inherit
 * close-on-exec. The first descriptor that a runtime opens is an event poll, in the lowest free place. Above it are other
 * descriptors without a file, and in Node pipes whose two ends are both here.
 */
export function inheritedDescriptors(all: readonly OpenDescriptor[], ownsPipes: boolean): readonly number[] {
  const isOwnKind = ({ target }: OpenDescriptor): boolean =>
    target.startsWith("anon_inode:") ||
    (ownsPipes && target.startsWith("pipe:") && all.filter((other) => other.target === target).length > 1);
  const sorted = all.toSorted((one, other) => one.fd - other.fd);
  const first = sorted.findIndex(({ target }) => target === "anon_inode:[eventpoll]");
  return sorted.filter((one, at) => at < first || !isOwnKind(one)).map(({ fd }) => fd);
}

/** A program that is about to take the place of this one. */
export interface Execution {
  /** Executes the file (execve). Returns only when that fails, with the errno. Allocates nothing. */
  execute(path: Uint8Array): number;
}

/** Lays out arguments and environment for {@link Execution.execute}. Throws SystemError ENOMEM. */
export function prepareExecution(argv: readonly Uint8Array[], environment: readonly EnvironmentEntry[]): Execution {
  const [argvAddress = 0, environmentAddress = 0] = allocateVectors(argv, environment).addresses;
  // Taken now: libc opens each function at its first use.
  const { execve, errno } = libc;
  return {
    execute: (path) => {
      execve(path, argvAddress, environmentAddress);
      return errno();
    },
  };
}
