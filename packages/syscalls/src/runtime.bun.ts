import { readFileSync } from "node:fs";

import { libc } from "#libc";

import { cString } from "./c-string.ts";
import { inheritedEnvironment, quietVariable } from "./environment.ts";
import { allocateVectors } from "./vector.ts";

/**
 * Starts this very program once more in place, with Bun's garbage-collection timer off: with it an
 * idle daemon wakes ten times a second. Bun reads the switch from its environment at start and
 * nowhere else. Returns when that has been done, or cannot be done, which costs wake-ups only.
 *
 * Only a stand-alone executable can do it: under the `bun` command the arguments mean other things.
 */
export function quietRuntime(): void {
  if (process.env["BUN_GC_TIMER_DISABLE"] !== undefined || !import.meta.url.includes("/$bunfs/")) return;
  const argv = splitArguments(readFileSync("/proc/self/cmdline"));
  const vectors = allocateVectors(argv, [...inheritedEnvironment(), new TextEncoder().encode(quietVariable)]);
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
