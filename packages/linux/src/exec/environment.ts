import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";

import { textOf } from "../core/byte-text.ts";
import { attempt } from "../core/errno.ts";
import { splitArguments } from "./arguments.ts";

/** One `NAME=value` entry of an environment, as the bytes it came in: a value need not be UTF-8. */
export type EnvironmentEntry = Uint8Array;

/** Marks the variables before it as ours: nobody else gives it this value. */
const mark = "BUN_GC_TIMER_DISABLE=upkeep";

/** What runtime.bun.ts adds for Bun. Services never see it. */
export const quietVariables: readonly EnvironmentEntry[] = [
  "BUN_JSC_useConcurrentJIT=0",
  // Otherwise a collection of garbage needs a thread, and the runtime aborts where none can be made.
  "BUN_JSC_useConcurrentGC=0",
  // A daemon's code runs a few times a day, and compiling holds up the next start. By default it is 500 points.
  "BUN_JSC_thresholdForJITAfterWarmUp=5000",
  // Nor is it worth while to compile it once more, and better, unless it moves much data. By default it is 1000 points.
  "BUN_JSC_thresholdForOptimizeAfterWarmUp=500000",
  "BUN_JSC_thresholdForOptimizeAfterLongWarmUp=500000",
  "BUN_JSC_numberOfGCMarkers=1",
  "BUN_JSC_useWarmUpMarkedBlocks=0",
  // Bytes until the first collections. Blocks in which a few objects live on after a start stay in memory. By default it is 8 MB.
  "BUN_JSC_largeHeapSize=2097152",
  // Reserved address space counts in full where the kernel does not overcommit. By default it is 4, 1 and 1 GB.
  "BUN_JSC_structureHeapSizeInKB=65536",
  "BUN_JSC_jitMemoryReservationSize=16777216",
  "MIMALLOC_ARENA_RESERVE=65536",
  // Otherwise the C library reserves 64 MB for each thread.
  "MALLOC_ARENA_MAX=1",
  "MIMALLOC_PURGE_DELAY=0",
  // Otherwise the engine takes SIGPWR for itself, see power-signal.bun.ts. No other real-time signal is in use.
  "JSC_SIGNAL_FOR_GC=40",
  mark,
].map((variable) => new TextEncoder().encode(variable));

/** Names the descriptor of what a program hands over to the one that takes its place: see handover.ts. */
export const handoverVariable = "UPKEEP_HANDOVER_FD";

/**
 * The environment that execve(2) gave to this process, byte for byte, which `process.env` cannot give, without what we
 * add when we execute ourselves. Later changes are not in it. Throws SystemError.
 */
export function inheritedEnvironment(): readonly EnvironmentEntry[] {
  const all = entriesIn(attempt("read environment", () => readFileSync("/proc/self/environ")));
  return withoutVariable(withoutQuietVariables(all), handoverVariable);
}

/** {@link inheritedEnvironment}; without /proc, what the runtime knows of it. */
export function environmentAtStart(): readonly EnvironmentEntry[] {
  try {
    return inheritedEnvironment();
  } catch {
    return Object.entries(process.env).map(([name, value = ""]) => Buffer.from(`${name}=${value}`, "utf8"));
  }
}

function entriesIn(block: Uint8Array): readonly EnvironmentEntry[] {
  return splitArguments(block).filter((entry) => entry.length > 0);
}

/** Takes out what we added. What others set stays, even with the same value: it stands before ours. */
export function withoutQuietVariables(entries: readonly EnvironmentEntry[]): readonly EnvironmentEntry[] {
  if (!entries.some((entry) => textOf(entry) === mark)) return entries;
  const rest = [...entries];
  for (const variable of quietVariables.map(textOf)) {
    const at = rest.findLastIndex((entry) => textOf(entry) === variable);
    if (at !== -1) rest.splice(at, 1);
  }
  return rest;
}

/** An environment without the variable of that name. */
export function withoutVariable(entries: readonly EnvironmentEntry[], name: string): readonly EnvironmentEntry[] {
  const start = Buffer.from(`${name}=`);
  return entries.filter((entry) => !start.equals(entry.subarray(0, start.length)));
}
