import { readFileSync } from "node:fs";

import { libc } from "#libc";

import { cString } from "../ffi/c-string.ts";
import { splitArguments } from "./command-line.ts";
import { blockOutputs, isCloseOnExec, setCloseOnExec } from "../fd/descriptor.ts";
import { inheritedEnvironment, quietVariables, type EnvironmentEntry } from "./environment.ts";
import { allocateVectors } from "../ffi/vector.ts";

/**
 * Starts this very program once more in place, with another environment for Bun, which it reads at
 * its start and never again. Its garbage-collection timer is off: with it an idle daemon wakes ten
 * times a second. And its engine compiles and collects without helper threads: it makes them when
 * they are needed, and where the system has none to give (RLIMIT_NPROC, pids.max) it aborts. Its
 * allocator gives memory back at once, instead of by a thread that would wake every half minute.
 * SIGPWR is left to the program, see power-signal.bun.ts. Standard output and error are as they were, see
 * {@link blockOutputs}.
 * Returns when that has been done, or cannot be done.
 *
 * Only a stand-alone executable can do it: under the `bun` command the arguments mean other things.
 *
 * @param kept inherited descriptors above 2 that are to be there after that as well; Bun closes all others.
 */
export function quietRuntime(...kept: readonly (number | null)[]): void {
  blockOutputs();
  if (process.env["BUN_GC_TIMER_DISABLE"] !== undefined || !import.meta.url.includes("/$bunfs/")) return;
  let argv: readonly Uint8Array[];
  let environment: readonly EnvironmentEntry[];
  try {
    argv = splitArguments(readFileSync("/proc/self/cmdline"));
    environment = inheritedEnvironment();
  } catch {
    return;
  }
  for (const fd of kept) keepOpen(fd);
  const vectors = allocateVectors(argv, [...environment, ...quietVariables]);
  const [argvAddress = 0, environmentAddress = 0] = vectors.addresses;
  libc.execve(cString("/proc/self/exe"), argvAddress, environmentAddress);
  vectors.free();
}

function keepOpen(fd: number | null): void {
  try {
    if (fd !== null) setCloseOnExec(fd, false);
  } catch {
    // It is not open at all.
  }
}

/**
 * Which of the descriptors 0 to 2 were closed when this process was started. Bun opens /dev/null in
 * their places, close-on-exec, which an inherited descriptor never is.
 */
export function closedAtStart(): readonly number[] {
  return [0, 1, 2].filter(isCloseOnExec);
}

/** Whether the runtime has opened pipes for itself; before it starts anything it has not. */
export const opensPipes: boolean = false;
