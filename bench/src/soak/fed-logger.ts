import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { constants, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { systemBin } from "../contender.ts";
import { producer } from "../logging/lines.ts";
import type { Suite } from "../suites.ts";
import { Scratch } from "../trial/scratch.ts";

/** A suite's svlogd that logs, on a disk, what is written to a FIFO. Disposing of it kills it. */
export class FedLogger implements AsyncDisposable {
  readonly directory: string;
  /** Its input. While it is open the logger does not see the end. */
  readonly input: FileHandle;
  readonly pid: number;
  readonly #scratch: Scratch;
  readonly #process: ChildProcess;

  private constructor(scratch: Scratch, directory: string, input: FileHandle, child: ChildProcess) {
    this.directory = directory;
    this.input = input;
    if (child.pid === undefined) throw new Error("no svlogd");
    this.pid = child.pid;
    this.#scratch = scratch;
    this.#process = child;
  }

  /** Returns when it has opened its log. @param config text of the file `config`. */
  static async start({ path }: Suite, options: readonly string[], config: string): Promise<FedLogger> {
    const scratch = new Scratch("on a disk");
    const directory = join(scratch.root, "log");
    mkdirSync(directory);
    writeFileSync(join(directory, "config"), config);
    const fifo = join(scratch.root, "input");
    execFileSync(join(systemBin, "mkfifo"), [fifo]);
    // Opened for both, so that it does not wait for the other side.
    const input = await open(fifo, constants.O_RDWR);
    const child = spawn("/bin/sh", ["-c", `exec svlogd "$@" <${fifo}`, "sh", ...options, directory], {
      env: scratch.environment(path),
      stdio: ["ignore", "inherit", "inherit"],
    });
    while (!existsSync(join(directory, "current"))) {
      if (child.exitCode !== null) throw new Error(`svlogd ended with ${child.exitCode}`);
      await sleep(10);
    }
    return new FedLogger(scratch, directory, input, child);
  }

  /** Runs producer.pl into the logger, to its end or to that of `signal`. */
  async produce(options: readonly string[], signal: AbortSignal): Promise<void> {
    const child = spawn("perl", [producer, ...options], {
      env: this.#scratch.environment(systemBin),
      stdio: ["ignore", this.input.fd, "inherit"],
      signal,
    });
    child.on("error", () => {}); // That is how `signal` ends it.
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    if (code !== 0 && !signal.aborted) throw new Error(`the producer ended with ${code}`);
  }

  /** Ends its input, and waits for it. */
  async end(): Promise<void> {
    const exit = once(this.#process, "exit");
    await this.input.close();
    const [code, signal] = await exit;
    if (code !== 0) throw new Error(`svlogd ended with ${code ?? signal}`);
  }

  /** Paths of what it has kept, the oldest first. */
  files(): readonly string[] {
    const old = readdirSync(this.directory).filter((name) => name.startsWith("@"));
    return [...old.toSorted(), "current"].map((name) => join(this.directory, name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.input.close();
    this.#scratch[Symbol.dispose]();
    const { exitCode, signalCode } = this.#process;
    if (exitCode === null && signalCode === null) await once(this.#process, "exit");
  }
}
