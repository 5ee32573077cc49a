import { readFileSync } from "node:fs";

import { hasEnded, listProcesses } from "@upkeep/linux/process/process-info";

export interface ProcessWithParent {
  readonly pid: number;
  readonly parent: number;
}

/** The pids of the children of `ancestor`, of their children, and so on. */
export function descendantsOf(ancestor: number, all: readonly ProcessWithParent[]): readonly number[] {
  const children = Map.groupBy(all, ({ parent }) => parent);
  const found: number[] = [];
  const queue = [ancestor];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    for (const child of children.get(pid) ?? []) {
      found.push(child.pid);
      queue.push(child.pid);
    }
  }
  return found;
}

/** The pids of our descendants. A zombie counts while it is ours to reap. */
export function livingDescendants(): readonly number[] {
  const all = listProcesses();
  const others = all.filter((one) => hasEnded(one) && one.parent !== process.pid);
  const dead = new Set(others.map(({ pid }) => pid));
  return descendantsOf(process.pid, all).filter((pid) => !dead.has(pid));
}

/** A process as words for a message: `sleep (PID 12)`. */
export function nameOf(pid: number): string {
  try {
    return `${readFileSync(`/proc/${pid}/comm`, "utf8").trimEnd()} (PID ${pid})`;
  } catch {
    return `PID ${pid}`;
  }
}
