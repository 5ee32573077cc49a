import { readFileSync, readlinkSync } from "node:fs";

import { libc } from "#libc";

import { type Range, unwrittenRanges } from "../core/mapped-code.ts";

const MADV_DONTNEED = 4;

/** Where the code of our executable is, which stays there as long as we live; none without /proc. Never throws. */
export function findCode(): readonly Range[] {
  try {
    return unwrittenRanges(readFileSync("/proc/self/smaps", "latin1"), readlinkSync("/proc/self/exe"));
  } catch {
    return [];
  }
}

/**
 * Takes code out of the memory that counts as ours (madvise(2)). It stays in the page cache, and each page comes back
 * when it is used. A start touches 30 MB of the runtime, and a process at rest needs almost nothing of that; but when
 * memory runs out, the kernel kills the process that has most.
 */
export function returnCode(code: readonly Range[]): void {
  for (const { address, size } of code) libc.madvise(address, size, MADV_DONTNEED);
}
