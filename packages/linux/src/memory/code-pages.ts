import { closeSync, openSync, readlinkSync, readSync } from "node:fs";

import { libc } from "#libc";

import { type Range, unwrittenRanges } from "../core/mapped-code.ts";

const MADV_DONTNEED = 4;

/** Where the code of our executable is, which stays there as long as we live; none without /proc. Never throws. */
export function findCode(): readonly Range[] {
  try {
    const path = readlinkSync("/proc/self/exe");
    return unwrittenRanges(readMappingsOf(path), path);
  } catch {
    return [];
  }
}

/** Reads smaps until the mappings of a file are over: the program's come first, and all of them would be a megabyte. */
function readMappingsOf(path: string): string {
  const fd = openSync("/proc/self/smaps", "r");
  const bytes = Buffer.alloc(16_384);
  let text = "";
  try {
    for (let count = readSync(fd, bytes); count > 0; count = readSync(fd, bytes)) {
      text += bytes.toString("latin1", 0, count);
      const last = text.lastIndexOf(path);
      if (last !== -1 && /\n[0-9a-f]+-[0-9a-f]+ \S{4} /.test(text.slice(last))) return text;
    }
    return text;
  } finally {
    closeSync(fd);
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
