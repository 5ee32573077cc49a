import { closeSync, openSync, readdirSync } from "node:fs";

import { readLinkOrNull } from "@upkeep/linux/fd/files";
import { openFilesLimit, setOpenFilesLimit } from "@upkeep/linux/exec/limits";

/** Does something without a descriptor to be had. */
export function withoutDescriptors<Result>(action: () => Result): Result {
  const before = openFilesLimit();
  const lowest = openSync("/dev/null", "r");
  closeSync(lowest);
  setOpenFilesLimit({ soft: lowest, hard: before.hard });
  try {
    return action();
  } finally {
    setOpenFilesLimit(before);
  }
}

/** The descriptors that this process has open, each with what it leads to. */
export function openDescriptors(): ReadonlySet<string> {
  const found = readdirSync("/proc/self/fd").map((fd) => [fd, readLinkOrNull(`/proc/self/fd/${fd}`)] as const);
  // That of the listing itself is closed by now.
  return new Set(found.flatMap(([fd, target]) => (target === null ? [] : [`${fd} ${target}`])));
}

/** Those that were opened since. Others may have been closed: the runtimes close some of theirs late, in other threads. */
export function openedSince(before: ReadonlySet<string>): readonly string[] {
  return [...openDescriptors()].filter((one) => !before.has(one));
}

/** How many descriptors this process has on a pipe, by its inode. */
export function countEnds(inode: number): number {
  return readdirSync("/proc/self/fd").filter((fd) => readLinkOrNull(`/proc/self/fd/${fd}`) === `pipe:[${inode}]`)
    .length;
}
