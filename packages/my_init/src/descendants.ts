import { readdirSync, readFileSync } from "node:fs";

import { processInfo } from "@upkeep/syscalls/process-info";

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
  const dead = new Set<number>();
  const all: Kin[] = [];
  for (const name of processNames()) {
    const info = processInfo(Number(name));
    if (info === null) continue;
    all.push({ pid: Number(name), parent: info.parent });
    if ((info.state === "Z" || info.state === "X") && info.parent !== process.pid) dead.add(Number(name));
  }
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

function processNames(): readonly string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}
