import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

import type { Suite } from "../suites.ts";
import { processTree } from "./processes.ts";
import { Scratch } from "./scratch.ts";

/** An empty /etc of its own, and a PID namespace. */
const boot = "mount -t tmpfs none /etc && exec my_init --quiet --skip-runit -- sleep 600";
const namespaces = ["--mount", "--propagation", "private", "--pid", "--fork", "--mount-proc"] as const;

/** It must be up within this time, in ms. */
const limit = 60_000;

/** my_init as process 1, with a main command that sleeps; for root only. Disposing of it kills both. */
export class SleepingContainer implements AsyncDisposable {
  readonly #scratch = new Scratch("in memory");
  readonly #root: ChildProcess;

  constructor({ path }: Suite) {
    const env = this.#scratch.environment(path);
    this.#root = spawn("unshare", [...namespaces, "sh", "-c", boot], { env, stdio: "ignore" });
    this.#root.on("error", () => {}); // initPid() then gives up.
  }

  /** Waits until the main command runs, and returns the pid of my_init as seen from outside. */
  async initPid(): Promise<number> {
    for (const end = performance.now() + limit; performance.now() < end; await sleep(20)) {
      // unshare, my_init and its main command.
      const [, init, main] = this.#root.pid === undefined ? [] : processTree(this.#root.pid);
      if (init !== undefined && main !== undefined) return init;
    }
    throw new Error("my_init does not start its main command");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#root, "exit");
    this.#scratch[Symbol.dispose]();
    const { pid, exitCode, signalCode } = this.#root;
    if (pid !== undefined && exitCode === null && signalCode === null) await ended;
  }
}
