import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { constants, existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { execa } from "execa";

import type { Suite } from "../suites/suite.ts";
import { systemBin } from "../suites/system-path.ts";
import { cleanUp, register } from "../trial/cleanup.ts";
import { marker } from "../trial/processes.ts";

/** A suite's svlogd that logs, on a disk, what is written to a FIFO. Disposing of it kills it. */
export class FedLogger implements AsyncDisposable {
  readonly directory: string;
  /** Its input. While it is open the logger does not see the end. */
  readonly input: FileHandle;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #process: ChildProcess;
  readonly #mark: string;

  private constructor(directory: string, input: FileHandle, mark: string, start: () => ChildProcess) {
    this.directory = directory;
    this.input = input;
    this.#mark = mark;
    this.#process = start();
    this.#environment = { PATH: systemBin, [marker]: mark };
  }

  /** Returns when it has opened its log. @param config text of the file `config`. */
  static async start(suite: Suite, options: readonly string[], config: string): Promise<FedLogger> {
    const mark = randomUUID();
    const root = mkdtempSync(join(tmpdir(), "upkeep-bench-"));
    register(mark, root);
    const directory = join(root, "log");
    mkdirSync(directory);
    writeFileSync(join(directory, "config"), config);
    const fifo = join(root, "input");
    await execa(join(systemBin, "mkfifo"), [fifo]);
    // Opened for both, so that it does not wait for the other side.
    const input = await open(fifo, constants.O_RDWR);
    const logger = new FedLogger(directory, input, mark, () =>
      spawn("/bin/sh", ["-c", `exec svlogd "$@" <${fifo}`, "sh", ...options, directory], {
        env: { PATH: suite.path, [marker]: mark },
        stdio: ["ignore", "inherit", "inherit"],
      }),
    );
    while (!existsSync(join(directory, "current"))) {
      if (logger.#process.exitCode !== null) throw new Error(`svlogd ended with ${logger.#process.exitCode}`);
      await sleep(10);
    }
    return logger;
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error("no svlogd");
    return this.#process.pid;
  }

  /** Runs producer.pl into the logger, to its end or to that of `signal`. */
  async produce(options: readonly string[], signal: AbortSignal): Promise<void> {
    const words = [join(import.meta.dirname, "../logging/producer.pl"), ...options];
    const producer = spawn("perl", words, {
      env: this.#environment,
      stdio: ["ignore", this.input.fd, "inherit"],
      signal,
    });
    producer.on("error", () => {});
    const [code] = await once(producer, "close");
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
    cleanUp(this.#mark);
    const { exitCode, signalCode } = this.#process;
    if (exitCode === null && signalCode === null) await once(this.#process, "exit");
  }
}
