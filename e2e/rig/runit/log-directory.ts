/* Log directories, and svlogd with an input that the test writes to. */
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { isErrno } from "../process/processes.ts";
import type { Result, RunningCommand, StartOptions } from "../process/running-command.ts";
import type { TestRig } from "../core/test-rig.ts";

/** A log directory as whoever reads logs sees it. */
export class LogDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** Content of a file, a character for each byte; empty when it is not there. */
  content(name: string): string {
    try {
      return readFileSync(this.file(name), "latin1");
    } catch (error) {
      if (isErrno(error, "ENOENT")) return "";
      throw error;
    }
  }

  current(): string {
    return this.content("current");
  }

  /** Access bits, in octal: "744". */
  mode(name: string): string {
    return (statSync(this.file(name)).mode & 0o7777).toString(8);
  }

  names(): readonly string[] {
    return readdirSync(this.path).toSorted();
  }

  /** Names of the old logs, the oldest first; `ending`: only those whose names end so. */
  oldLogs(ending = ""): readonly string[] {
    return this.names().filter((name) => /^@[0-9a-f]{24}\.[stu]$/.test(name) && name.endsWith(ending));
  }

  /** Everything that has been logged, the oldest first. */
  logged(): string {
    return [...this.oldLogs(), "current"].map((name) => this.content(name)).join("");
  }

  configure(...settings: readonly string[]): void {
    writeFileSync(this.file("config"), settings.map((setting) => `${setting}\n`).join(""), "latin1");
  }
}

/** Makes a log directory in the rig's directory, with these lines in `config`; none: there is no such file. */
export function logDirectory(rig: TestRig, name = "log", ...config: readonly string[]): LogDirectory {
  const path = rig.path(name);
  mkdirSync(path, { recursive: true });
  const directory = new LogDirectory(path);
  if (config.length > 0) directory.configure(...config);
  return directory;
}

/** Lengths of the old logs, the oldest first. */
export function oldSizes(directory: LogDirectory): readonly number[] {
  return directory.oldLogs().map((name) => directory.content(name).length);
}

/** A pipe that has a name, so that what one logger leaves in it can be given to the next. */
export class LogInput {
  readonly #rig: TestRig;
  /** What a logger inherits. */
  readonly readEnd: number;
  #writeEnd: number | null;

  private constructor(rig: TestRig, path: string) {
    this.#rig = rig;
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
