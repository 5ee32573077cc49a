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

/** How many descriptors this process has open. Another one may close whenever the caller awaits something. */
export function countDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

/** How many descriptors this process has on a pipe, by its inode. */
export function countEnds(inode: number): number {
  return readdirSync("/proc/self/fd").filter((fd) => readLinkOrNull(`/proc/self/fd/${fd}`) === `pipe:[${inode}]`)
    .length;
}
