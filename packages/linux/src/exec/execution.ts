import { libc } from "#libc";
import { closedAtStart, opensPipes } from "#runtime";

import { blockOutputs, setCloseOnExec } from "../fd/descriptor.ts";
import type { EnvironmentEntry } from "./environment.ts";
import { passOnInherited } from "./inherited-descriptors.ts";
import { restoreOpenFilesLimit } from "./limits.ts";
import { signals } from "../core/signals.ts";
import { allocateVector } from "../ffi/vector.ts";

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
  passOnInherited(opensPipes);
  blockOutputs();
  return { closedAtStart: closed };
}

/** A program that is about to take the place of this one. */
export interface Execution {
  /** Executes the file (execve). Returns only when that fails, with the errno. Allocates nothing. */
  execute(path: Uint8Array): number;
}

/** Lays out arguments and environment for {@link Execution.execute}. Throws SystemError ENOMEM. */
export function prepareExecution(argv: readonly Uint8Array[], environment: readonly EnvironmentEntry[]): Execution {
  const argvAddress = allocateVector(argv).address;
  const environmentAddress = allocateVector(environment).address;
  // Taken now: libc opens each function at its first use.
  const { execve, errno } = libc;
  return {
    execute: (path) => {
      execve(path, argvAddress, environmentAddress);
      return errno();
    },
  };
}
