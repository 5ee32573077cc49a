import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

import type { Suite } from "../suites/suite.ts";
import { cleanUp, register } from "./cleanup.ts";
import { marker, processTree } from "./processes.ts";

/** An empty /etc of its own, and a PID namespace. */
const boot = "mount -t tmpfs none /etc && exec my_init --quiet --skip-runit -- sleep 600";
const namespaces = ["--mount", "--propagation", "private", "--pid", "--fork", "--mount-proc"] as const;

/** The time, in ms, in which it must be up. */
const limit = 60_000;

/** my_init as process 1, with a main command that sleeps. Disposing of it kills both. */
export class SleepingContainer implements AsyncDisposable {
  /** Pid of my_init, as seen from outside. */
  readonly init: number;
  readonly #root: ChildProcess;
  readonly #mark: string;

  private constructor(root: ChildProcess, mark: string, init: number) {
    this.#root = root;
    this.#mark = mark;
    this.init = init;
  }

  /** For root only. */
  static async start({ path }: Suite): Promise<SleepingContainer> {
    const mark = randomUUID();
    register(mark);
    const env = { PATH: path, [marker]: mark };
    const root = spawn("unshare", [...namespaces, "sh", "-c", boot], { env, stdio: "ignore" });
    const spare = once(root, "exit");
    for (const end = performance.now() + limit; performance.now() < end; await sleep(20)) {
      // unshare, my_init and its main command.
      const [, init, main] = root.pid === undefined ? [] : processTree(root.pid, new Set());
      if (init !== undefined && main !== undefined) return new SleepingContainer(root, mark, init);
    }
    cleanUp(mark);
    await spare;
    throw new Error("my_init does not start its main command");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#root, "exit");
    cleanUp(this.#mark);
    if (this.#root.exitCode === null && this.#root.signalCode === null) await ended;
  }
}
