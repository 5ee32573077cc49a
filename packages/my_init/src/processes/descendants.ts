import { readFileSync } from "node:fs";

import { hasEnded, listProcesses } from "@upkeep/linux/process/process-info";

/** A process with its parent. */
export interface Kin {
  readonly pid: number;
  readonly parent: number;
}

/** Those that descend from `ancestor`. */
export function descendantsOf(ancestor: number, all: readonly Kin[]): readonly number[] {
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

/** The pids of all that live below this process; what has ended counts until it is reaped, if that is for us to do. */
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
