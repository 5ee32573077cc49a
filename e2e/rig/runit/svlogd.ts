/* svlogd with an input that the test writes to. */
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { expect } from "vitest";
import type { TestRig } from "../core/test-rig.ts";
import { isErrno } from "../process/processes.ts";
import type { Result, RunningCommand, StartOptions } from "../process/running-command.ts";
import { LogDirectory, logDirectory } from "./log-directory.ts";

/** A pipe with a name, the input of one logger after another: the next one gets what the one before has left in it. */
export class LogInput {
  readonly path: string;
  readonly #rig: TestRig;
  /** What a logger inherits. */
  readonly readEnd: number;
  #writeEnd: number | null;

  private constructor(rig: TestRig, path: string) {
    this.#rig = rig;
    this.path = path;
    const both = openSync(path, constants.O_RDWR);
    this.readEnd = openSync(path, constants.O_RDONLY);
    this.#writeEnd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    closeSync(both);
  }

  static async make(rig: TestRig): Promise<LogInput> {
    const path = rig.path(`.rig/input-${(inputs += 1)}`);
    expect(await rig.run("mkfifo", [path])).toMatchObject({ code: 0 });
    return new LogInput(rig, path);
  }

  /** Writes text, a byte for each character, or bytes; waits while the pipe is full. */
  async feed(text: string | Uint8Array): Promise<void> {
    const bytes = Buffer.from(typeof text === "string" ? Buffer.from(text, "latin1") : text);
    let at = 0;
    await this.#rig.until("room in the input", () => {
      at += this.#write(bytes.subarray(at));
      return at === bytes.length;
    });
  }

  /** Writes as much as the pipe takes now; returns how much. */
  feedSome(text: string): number {
    return this.#write(Buffer.from(text, "latin1"));
  }

  end(): void {
    if (this.#writeEnd !== null) closeSync(this.#writeEnd);
    this.#writeEnd = null;
  }

  close(): void {
    this.end();
    closeSync(this.readEnd);
  }

  #write(bytes: Uint8Array): number {
    if (this.#writeEnd === null) throw new Error("the input has been ended");
    try {
      return writeSync(this.#writeEnd, bytes);
    } catch (error) {
      if (isErrno(error, "EAGAIN")) return 0;
      throw error;
    }
  }
}

let inputs = 0;

/** A started svlogd. */
export interface Logger {
  readonly command: RunningCommand;
  readonly input: LogInput;
  feed(text: string | Uint8Array): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  stderr(): string;
  /** Waits until it has said this so many times. */
  says(text: string | RegExp, times?: number): Promise<void>;
  /** Ends the input, and waits for the end of the process. */
  finish(): Promise<Result>;
  /** Waits for the end of the process. */
  result(): Promise<Result>;
}

/** Starts svlogd in the rig's directory. `input`: one that another logger has left. */
export async function startLogger(
  rig: TestRig,
  operands: readonly string[] = ["log"],
  options: StartOptions & { readonly input?: LogInput } = {},
): Promise<Logger> {
  const input = options.input ?? (await LogInput.make(rig));
  const command = rig.start("svlogd", operands, { cwd: rig.root, stdin: input.readEnd, ...options });
  return {
    command,
    input,
    feed: async (text) => {
      await input.feed(text);
    },
    kill: (signal) => {
      command.kill(signal);
    },
    stderr: () => command.stderr(),
    says: async (text, times = 1) => {
      await rig.until(`${times} times on stderr: ${String(text)}`, () => count(command.stderr(), text) >= times);
    },
    finish: async () => {
      input.end();
      return await rig.result(command);
    },
    result: async () => await rig.result(command),
  };
}

/** A logger whose directory `log` is a file system of its own, where only the logger sees it. */
export interface OnOwnDisk {
  readonly logger: Logger;
  readonly directory: LogDirectory;
  /** Runs a command with the logger's mounts. */
  inside(...words: readonly string[]): Promise<void>;
}

/** Starts svlogd with a tmpfs as `log`. `disk`: its mount options; `config`: lines of the `config` there. */
export async function startOnOwnDisk(
  rig: TestRig,
  disk: string,
  config: readonly string[] = [],
  operands: readonly string[] = ["log"],
): Promise<OnOwnDisk> {
  const prepared = logDirectory(rig, "prepared", ...config);
  const mountPoint = logDirectory(rig);
  const script = `mount -t tmpfs -o ${disk} none log && cp -a ${prepared.path}/. log && exec "$@"`;
  const logger = await startLogger(rig, operands, { under: ["unshare", "--mount", "sh", "-c", script, "sh"] });
  const directory = new LogDirectory(`/proc/${logger.command.pid}/root${mountPoint.path}`);
  await rig.until(
    "the log to be opened",
    () => directory.names().includes("lock") && directory.names().includes("current"),
  );
  return {
    logger,
    directory,
    inside: async (...words) => {
      const result = await rig.run("nsenter", ["--mount", "--target", `${logger.command.pid}`, ...words]);
      expect(result).toMatchObject({ code: 0, stderr: "" });
    },
  };
}

/** Runs svlogd on this input. */
export async function log(
  rig: TestRig,
  text: string | Uint8Array,
  operands: readonly string[] = ["log"],
  options: StartOptions = {},
): Promise<Result> {
  const logger = await startLogger(rig, operands, options);
  await logger.feed(text);
  const result = await logger.finish();
  logger.input.close();
  return result;
}

/** Feeds lines, and waits until they stand at the end of `current`. */
export async function feedAndSee(rig: TestRig, logger: Logger, directory: LogDirectory, text: string): Promise<void> {
  await logger.feed(text);
  await rig.until(`current to end in ${JSON.stringify(text)}`, () => directory.current().endsWith(text));
}

/** Has `current` rotated, and waits for it. */
export async function rotate(rig: TestRig, logger: Logger, directory: LogDirectory): Promise<void> {
  logger.kill("SIGALRM");
  await rig.until("current to be rotated", () => directory.names().includes("current") && directory.current() === "");
}

/** Waits until there is one old log, which needs no processing any more. */
export async function processed(rig: TestRig, directory: LogDirectory): Promise<void> {
  const endings = (): string =>
    directory
      .oldLogs()
      .map((name) => name.slice(-1))
      .join();
  await rig.until("the old log to be processed", () => endings() === "s");
}

/** How often a text is found. */
export function count(text: string, found: string | RegExp): number {
  return typeof found === "string" ? text.split(found).length - 1 : [...text.matchAll(new RegExp(found, "gm"))].length;
}

/** So many lines that differ, each of `size` bytes with its newline. */
export function lines(from: number, to: number, size = 8): string {
  const one = (number: number): string => `${String(number).padStart(size - 1, "0")}\n`;
  return Array.from({ length: to - from + 1 }, (_, index) => one(from + index)).join("");
}
