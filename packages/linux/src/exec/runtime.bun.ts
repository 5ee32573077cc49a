import { readFileSync } from "node:fs";

import { libc } from "#libc";

import { cString } from "../ffi/c-string.ts";
import { byOwnName, splitArguments } from "./arguments.ts";
import { blockOutputs, isCloseOnExec, setCloseOnExec } from "../fd/descriptor.ts";
import { inheritedEnvironment, quietVariables, type EnvironmentEntry } from "./environment.ts";
import { handoverEntries, keptDescriptors } from "./handover.ts";
import { passOnInherited } from "./inherited-descriptors.ts";
import { allocateVector } from "../ffi/vector.ts";

/**
 * Executes this program once more in its own place, with variables that Bun reads only at its start:
 *
 * - The garbage-collection timer is off. It would wake an idle daemon ten times a second.
 * - The engine compiles, collects and prepares memory without helper threads. It makes them at its start or when it needs
 *   them, and aborts where the system refuses them (RLIMIT_NPROC, pids.max). It compiles late, since that waits now.
 * - The allocator gives memory back at once, instead of by a thread that wakes every half minute.
 * - SIGPWR is left to the program, see power-signal.bun.ts.
 *
 * Standard output and error block again, see {@link blockOutputs}, and children inherit what we have inherited. Returns
 * after the second start, or if it is not possible. Only a stand-alone executable can do it: under the `bun` command the
 * arguments mean other things.
 *
 * @param command the name of the command, which it goes by afterwards. @param named inherited descriptors above 2 that
 * children do not get, as they do not get what was handed over to us.
 */
export function quietRuntime(command: string, ...named: readonly (number | null)[]): void {
  blockOutputs();
  const ours = [...named, ...keptDescriptors()];
  try {
    if (process.env["BUN_GC_TIMER_DISABLE"] === undefined && import.meta.url.includes("/$bunfs/"))
      startAgain(command, ours);
    passOnInherited(opensPipes, ours);
  } catch {
    // Without /proc nothing is known of either.
  }
}

/** Returns if it fails. Throws SystemError. */
function startAgain(command: string, ours: readonly (number | null)[]): void {
  // By its own name pidof(1) finds it, and a renewal knows it.
  const argv = byOwnName(splitArguments(readFileSync("/proc/self/cmdline")), command);
  const environment: readonly EnvironmentEntry[] = inheritedEnvironment();
  passOnInherited(opensPipes);
  for (const fd of ours) keepOpen(fd);
  const words = allocateVector(argv);
  const variables = allocateVector([...environment, ...handoverEntries(), ...quietVariables]);
  libc.execve(cString("/proc/self/exe"), words.address, variables.address);
  words.free();
  variables.free();
}

function keepOpen(fd: number | null): void {
  try {
    if (fd !== null) setCloseOnExec(fd, false);
  } catch {
    // It is not open at all.
  }
}

/**
 * Which of the descriptors 0 to 2 were closed when this process was started. Bun opens /dev/null in their places, and
 * makes that close-on-exec. An inherited descriptor never is.
 */
export function closedAtStart(): readonly number[] {
  return [0, 1, 2].filter(isCloseOnExec);
}

/** Whether the runtime has opened pipes for itself. Bun does so only when it starts something. */
export const opensPipes: boolean = false;
