import { readFileSync } from "node:fs";

import { libc } from "#libc";

import { cString } from "./c-string.ts";
import { inheritedEnvironment, quietVariables, type EnvironmentEntry } from "./environment.ts";
import { allocateVectors } from "./vector.ts";

/**
 * Starts this very program once more in place, with another environment for Bun, which it reads at
 * its start and never again. Its garbage-collection timer is off: with it an idle daemon wakes ten
 * times a second. And its engine compiles and collects without helper threads: it makes them when
 * they are needed, and where the system has none to give (RLIMIT_NPROC, pids.max) it aborts. Its
 * allocator gives memory back at once, instead of by a thread that would wake every half minute.
 * Returns when that has been done, or cannot be done.
 *
 * Only a stand-alone executable can do it: under the `bun` command the arguments mean other things.
 */
export function quietRuntime(): void {
  if (process.env["BUN_GC_TIMER_DISABLE"] !== undefined || !import.meta.url.includes("/$bunfs/")) return;
  let argv: readonly Uint8Array[];
  let environment: readonly EnvironmentEntry[];
  try {
    argv = splitArguments(readFileSync("/proc/self/cmdline"));
    environment = inheritedEnvironment();
  } catch {
    return;
  }
  const vectors = allocateVectors(argv, [...environment, ...quietVariables]);
  const [argvAddress = 0, environmentAddress = 0] = vectors.addresses;
  libc.execve(cString("/proc/self/exe"), argvAddress, environmentAddress);
  vectors.free();
}

function splitArguments(block: Uint8Array): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let from = 0; from < block.length;) {
    const end = block.indexOf(0, from);
    found.push(block.subarray(from, end));
    from = end + 1;
  }
  return found;
}
