/* Processes that together have a limit of memory, as those of a container have. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Need } from "../core/needs.ts";
import { signalProcess } from "./processes.ts";

/** Where the memory controller of version 1 is, and where version 2 has all controllers. */
const [first, second] = ["/sys/fs/cgroup/memory", "/sys/fs/cgroup"] as const;
const isFirst = existsSync(first);

/** A control group with a limit of memory. */
export class MemoryGroup implements Disposable {
  readonly #path: string;

  constructor(name: string, bytes: number) {
    this.#path = join(isFirst ? first : second, name);
    mkdirSync(this.#path);
    writeFileSync(this.#file(isFirst ? "memory.limit_in_bytes" : "memory.max"), `${bytes}`);
  }

  /** Prefix that starts a command in the group. */
  get under(): readonly string[] {
    return ["sh", "-c", `echo $$ >${this.#file("cgroup.procs")} && exec "$@"`, "sh"];
  }

  /** How many processes the kernel has killed for want of memory. */
  kills(): number {
    const text = readFileSync(this.#file(isFirst ? "memory.oom_control" : "memory.events"), "latin1");
    return Number(/^oom_kill (\d+)/m.exec(text)?.[1]);
  }

  #file(name: string): string {
    return join(this.#path, name);
  }

  [Symbol.dispose](): void {
    for (let tries = 0; tries < 500; tries += 1) {
      for (const pid of readFileSync(this.#file("cgroup.procs"), "latin1").split("\n")) {
        if (pid !== "") signalProcess(Number(pid), "SIGKILL");
      }
      try {
        rmdirSync(this.#path);
        return;
      } catch {
        // A killed process is in it until its memory is free.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      }
    }
  }
}

function tryOne(): boolean {
  try {
    if (!isFirst && !/\bmemory\b/.test(readFileSync(join(second, "cgroup.subtree_control"), "latin1"))) return false;
    new MemoryGroup(`upkeep-e2e-${process.pid}`, 1e9)[Symbol.dispose]();
    return true;
  } catch {
    return false;
  }
}

/** For the `needs` of a test. */
export const memoryGroups: Need = tryOne() ? undefined : "a cgroup file system with memory that can be written to";
