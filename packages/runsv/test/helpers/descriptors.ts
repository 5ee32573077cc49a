import { closeSync, openSync, readdirSync } from "node:fs";

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

/** How many descriptors this process has open. */
export function countDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
