import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { isAlive, kill, pids } from "./processes.ts";

/** Most files are in memory, because small files on a disk could cost more than everything else. */
const inMemory: string = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** Environment variable by which a process is found again, whatever session it is in. */
const marker = "UPKEEP_BENCH_TRIAL";

const all = new Set<Scratch>();

/** A directory of its own and all processes of one measurement. Disposing of it kills these and removes the directory. */
export class Scratch implements Disposable {
  readonly root: string;
  readonly #mark = randomUUID();

  constructor(parent: "in memory" | "on a disk") {
    this.root = mkdtempSync(join(parent === "in memory" ? inMemory : tmpdir(), "upkeep-bench-"));
    all.add(this);
  }

  /** The environment of all that is started. */
  environment(path: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return { PATH: path, ...more, [marker]: this.#mark };
  }

  /** The living processes that have been started with this environment, and their descendants. */
  processes(): readonly number[] {
    return pids().filter((pid) => isAlive(pid) && environmentOf(pid).includes(`${marker}=${this.#mark}`));
  }

  /** Blocks until no process is left: it also runs when this process is about to end. */
  [Symbol.dispose](): void {
    for (let found = this.processes(); found.length > 0; found = this.processes()) {
      for (const pid of found) kill(pid, "SIGKILL");
    }
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
    all.delete(this);
  }
}

/** Disposes of everything when this process ends, also by a signal. */
export function disposeAtExit(): void {
  process.on("exit", () => {
    for (const scratch of all) scratch[Symbol.dispose]();
  });
  for (const [signal, code] of [["SIGINT", 130] as const, ["SIGTERM", 143] as const, ["SIGHUP", 129] as const]) {
    process.on(signal, () => process.exit(code));
  }
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
  } catch {
    return []; // It has gone, or belongs to somebody else.
  }
}
