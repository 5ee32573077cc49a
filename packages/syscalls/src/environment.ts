import { readFileSync } from "node:fs";

/** One `NAME=value` entry of an environment, as the bytes it came in: a value need not be UTF-8. */
export type EnvironmentEntry = Uint8Array;

/** Mark of the variable that the Bun start-up adds for itself (see runtime.bun.ts); services never see it. */
export const quietVariable: string = "BUN_GC_TIMER_DISABLE=upkeep";

/**
 * The environment this process was started with, byte for byte, which `process.env` cannot give.
 *
 * Read it once at the start: it shows what execve was given, not later changes.
 */
export function inheritedEnvironment(): readonly EnvironmentEntry[] {
  const block = readFileSync("/proc/self/environ");
  const entries: EnvironmentEntry[] = [];
  for (let from = 0; from < block.length;) {
    const to = block.indexOf(0, from);
    const end = to === -1 ? block.length : to;
    const entry = block.subarray(from, end);
    if (entry.length > 0 && entry.toString("latin1") !== quietVariable) entries.push(entry);
    from = end + 1;
  }
  return entries;
}
