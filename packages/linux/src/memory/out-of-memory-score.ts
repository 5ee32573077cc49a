import { readFileSync, writeFileSync } from "node:fs";

const ownFile = "/proc/self/oom_score_adj";
/** Half of all memory: the kernel counts that much less for us than we have. */
const discount = 500;
/** Below this the kernel never kills, and a container in which nothing can be killed hangs. */
const lowest = -999;

/** What the kernel knows of this process (proc(5)); null as long as it is what our parent gave us. */
let scores: { readonly file: string; readonly inherited: string; readonly own: string } | null = null;

/**
 * Asks the kernel to kill others first when memory runs out. That takes CAP_SYS_RESOURCE; without it nothing changes.
 * What {@link withInheritedScore} starts is not spared. Never throws.
 */
export function lowerOutOfMemoryScore(file: string = ownFile): void {
  try {
    const inherited = Number(readFileSync(file, "latin1"));
    const own = Math.max(inherited - discount, lowest);
    if (own >= inherited) return;
    writeFileSync(file, `${own}`);
    scores = { file, inherited: `${inherited}`, own: `${own}` };
  } catch {
    // Without the capability, or without /proc.
  }
}

/**
 * Runs `start`, which starts a process, with the score that our parent gave us. A child has the score of its parent from
 * its first moment on; if it were set right afterwards, a child of the child could be missed.
 */
export function withInheritedScore<Result>(start: () => Result): Result {
  if (scores === null) return start();
  const { file, inherited, own } = scores;
  write(file, inherited);
  try {
    return start();
  } finally {
    write(file, own);
  }
}

function write(file: string, score: string): void {
  try {
    writeFileSync(file, score);
  } catch {
    // The capability is gone, or there is no descriptor left: the process has to start all the same.
  }
}
