/* Log directories that are not what they should be, and files in them. */
import { closeSync, constants, mkdirSync, openSync, readSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { LogDirectory, logDirectory } from "../rig/runit/log-directory.ts";
import { feedAndSee, lines, log, rotate, startLogger } from "../rig/runit/svlogd.ts";
import { isErrno } from "../rig/process/processes.ts";
import type { Result } from "../rig/process/running-command.ts";
import { allSuites, ourSuites, stock } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const absent = "file does not exist";

rigTest("pauses for ever in a directory that has been removed, even when it is made again", [stock], async (rig) => {
  const directory = logDirectory(rig);
  const logger = await startLogger(rig);
  await feedAndSee(rig, logger, directory, "a\n");
  rmSync(directory.path, { recursive: true });
  logger.kill("SIGALRM");
  const message = `svlogd: pausing: unable to rename current: log: ${absent}\n`;
  await logger.says(message);
  logDirectory(rig);
  logger.kill("SIGHUP");
  await logger.says(message, 3);
  expect(directory.names()).toEqual([]);
});

rigTest("takes up a directory that has been removed when it is made again", ourSuites, async (rig) => {
  const directory = logDirectory(rig);
  const logger = await startLogger(rig);
  await feedAndSee(rig, logger, directory, "a\n");
  rmSync(directory.path, { recursive: true });
  logger.kill("SIGALRM");
  const message = new RegExp(`^svlogd: (?:pausing|warning): unable to [^:]+: log: ${absent}\n`);
  await logger.says(message, 2);
  await logger.feed("b\n");
  await logger.says(message, 3);
  logDirectory(rig, "log", "p> ");
  await rig.until("the line", () => directory.current().endsWith("b\n"));
  await feedAndSee(rig, logger, directory, "c\n");
  logger.kill("SIGHUP");
  await rig.until("the settings", async () => {
    await logger.feed("d\n");
    return directory.current().includes("> d\n");
  });
  expect(await logger.finish()).toMatchObject({ code: 0 });
  expect(directory.names()).toEqual(["config", "current", "lock"]);
});

rigTest("logs and rotates in a directory that has been renamed", allSuites, async (rig) => {
  const directory = logDirectory(rig, "log", "!cat");
  const logger = await startLogger(rig);
  await feedAndSee(rig, logger, directory, "a\n");
  renameSync(directory.path, rig.path("renamed"));
  const renamed = new LogDirectory(rig.path("renamed"));
  for (const text of ["b\n", "c\n"]) {
    await feedAndSee(rig, logger, renamed, text);
    await rotate(rig, logger, renamed);
    await rig.until("it to be processed", () => {
      const old = renamed.oldLogs();
      return old.every((name) => name.endsWith(".s")) && renamed.content(old.at(-1) ?? "").endsWith(text);
    });
  }
  await feedAndSee(rig, logger, renamed, "d\n");
  expect(rig.exists(directory.path)).toBe(false);
  expect(await logger.finish()).toMatchObject({ code: 0, stderr: "" });
  expect(renamed.logged()).toBe("a\nb\nc\nd\n");
});

for (const name of ["with two  blanks", "größe-日本", "-dash", "a:b", "quo\"te'$(x)"]) {
  rigTest(`logs to a directory of the name ${name}`, allSuites, async (rig) => {
    const directory = logDirectory(rig, name, "!cat", "n1");
    const logger = await startLogger(rig, ["-v", "--", name, `${name} too`]);
    await feedAndSee(rig, logger, directory, "a\n");
    await rotate(rig, logger, directory);
    await rig.until("it to be processed", () => directory.oldLogs(".s").length === 1);
    await feedAndSee(rig, logger, directory, "b\n");
    expect(await logger.finish()).toMatchObject({ code: 0 });
    expect(directory.logged()).toBe("a\nb\n");
    expect(logger.stderr()).toContain(`svlogd: warning: unable to open log directory: ${name} too: ${absent}\n`);
    expect(logger.stderr()).toContain(`svlogd: info: processing: ${name}/@`);
  });
}

rigTest("logs to a directory whose name is not UTF-8", allSuites, async (rig) => {
  expect(await logToByteName(rig)).toMatchObject({ code: 0, stdout: "current\nlock\n", stderr: "" });
});

rigTest("warns of a dangling link, and takes it up on HUP when it leads somewhere", allSuites, async (rig) => {
  const other = logDirectory(rig, "other");
  symlinkSync("target", rig.path("log"));
  symlinkSync("loop", rig.path("loop"));
  const logger = await startLogger(rig, ["log", "loop", "other"]);
  await feedAndSee(rig, logger, other, "a\n");
  const warning =
    `svlogd: warning: unable to open log directory: log: ${absent}\n` +
    "svlogd: warning: unable to open log directory: loop: symbolic link loop\n";
  expect(logger.stderr()).toBe(warning);
  const directory = logDirectory(rig, "target");
  logger.kill("SIGHUP");
  await rig.until("the directory to be opened", () => directory.names().includes("current"));
  await feedAndSee(rig, logger, directory, "b\n");
  expect(await logger.finish()).toMatchObject({ code: 0 });
  expect(directory.current()).toBe("b\n");
  expect(other.current()).toBe("a\nb\n");
});

rigTest(
  "pauses while there is a directory in the place of current, and logs what has waited",
  allSuites,
  async (rig) => {
    const directory = logDirectory(rig);
    mkdirSync(directory.file("current"));
    const logger = await startLogger(rig);
    const message = "svlogd: pausing: unable to open current: log: is a directory\n";
    await logger.feed("a\n");
    await logger.says(message, 2);
    rmSync(directory.file("current"), { recursive: true });
    await rig.until("the line", () => directory.names().includes("current") && directory.current() === "a\n");
    expect((await logger.finish()).stderr).toMatch(new RegExp(`^(?:${message})+$`));
  },
);

rigTest("says at TERM how many bytes are lost with a directory that has been removed", ourSuites, async (rig) => {
  const directory = logDirectory(rig);
  const other = logDirectory(rig, "other");
  const logger = await startLogger(rig, ["log", "other"]);
  await feedAndSee(rig, logger, directory, "a\n");
  rmSync(directory.path, { recursive: true });
  logger.kill("SIGALRM");
  // The runtimes differ in the first call that fails.
  await logger.says(new RegExp(`^svlogd: pausing: unable to [^:]+: log: ${absent}\n`));
  await logger.feed("12345\n");
  await rig.until("the other's line", () => other.current().endsWith("12345\n"));
  logger.kill("SIGTERM");
  expect(await logger.result()).toMatchObject({ code: 0 });
  expect(logger.stderr()).toMatch(new RegExp(`svlogd: warning: unable to [^:]+: log: ${absent}, 6 bytes lost\n$`));
});

rigTest("warns of a config that is a directory, and logs without", allSuites, async (rig) => {
  const directory = logDirectory(rig);
  mkdirSync(directory.file("config"));
  expect(await log(rig, "a\n")).toMatchObject({
    code: 0,
    stderr: "svlogd: warning: unable to read config: log: is a directory\n",
  });
  expect(directory.current()).toBe("a\n");
});

rigTest("warns of a config that cannot be opened, and logs without", allSuites, async (rig) => {
  const directory = logDirectory(rig);
  symlinkSync("config", directory.file("config"));
  expect(await log(rig, "a\n")).toMatchObject({
    code: 0,
    stderr: "svlogd: warning: unable to read config: log: symbolic link loop\n",
  });
  expect(directory.current()).toBe("a\n");
});

rigTest("takes the defaults on HUP when config cannot be read", [stock], async (rig) => {
  expect(await loggedAroundBadConfig(rig)).toBe("> a\nb\n");
});

rigTest("keeps its settings on HUP when config cannot be read", ourSuites, async (rig) => {
  expect(await loggedAroundBadConfig(rig)).toBe("> a\n> b\n");
});

rigTest("goes on when all files in a directory have been removed", ourSuites, async (rig) => {
  const directory = logDirectory(rig);
  const logger = await startLogger(rig);
  await feedAndSee(rig, logger, directory, "a\n");
  for (const name of directory.names()) rmSync(directory.file(name));
  logger.kill("SIGALRM");
  await rig.until("a new current", () => directory.names().includes("current"));
  await feedAndSee(rig, logger, directory, "b\n");
  await rotate(rig, logger, directory);
  expect(await logger.finish()).toMatchObject({
    code: 0,
    stderr: `svlogd: warning: unable to rename current: log: ${absent}\n`,
  });
  expect(directory.logged()).toBe("b\n");
});

rigTest("is kept out by the lock of runit's svlogd, and keeps that out", ourSuites, async (rig) => {
  const directory = logDirectory(rig);
  const warning = "svlogd: warning: unable to lock directory: log: temporary failure\n";
  const refused = { code: 111, stderr: `${warning}svlogd: fatal: no functional log directories.\n` };
  const theirs = await startLogger(rig, ["log"], { env: { PATH: stock.path } });
  await feedAndSee(rig, theirs, directory, "theirs\n");
  expect(await log(rig, "a\n")).toMatchObject(refused);
  await theirs.finish();
  const ours = await startLogger(rig);
  await feedAndSee(rig, ours, directory, "ours\n");
  expect(await log(rig, "a\n", ["log"], { env: { PATH: stock.path } })).toMatchObject(refused);
  await ours.finish();
  expect(directory.current()).toBe("theirs\nours\n");
});

rigTest("waits for a reader of a FIFO in the place of current", allSuites, async (rig) => {
  const { fifo, logger } = await startOnFifo(rig);
  await logger.says("svlogd: pausing: unable to open current: log: device not configured\n", 2);
  await logger.feed("a\n");
  using reader = new Reader(fifo);
  await reader.until(rig, "a\n");
  await logger.feed("b\n");
  await reader.until(rig, "a\nb\n");
});

rigTest("pauses for ever when a FIFO in the place of current is to be rotated or closed", [stock], async (rig) => {
  const { directory, fifo, logger } = await startOnFifo(rig);
  using reader = new Reader(fifo);
  await logger.feed("a\n");
  await reader.until(rig, "a\n");
  logger.kill("SIGALRM");
  await logger.says("svlogd: pausing: unable to fsync current logfile: log: invalid argument\n", 2);
  expect(directory.oldLogs()).toEqual([]);
});

rigTest("never rotates a FIFO in the place of current", ourSuites, async (rig) => {
  const { directory, fifo, logger } = await startOnFifo(rig, "s10", "-v");
  using reader = new Reader(fifo);
  await logger.feed(lines(1, 10));
  await reader.until(rig, lines(1, 10));
  logger.kill("SIGALRM");
  await logger.says("info: sigalarm received.\n");
  await logger.feed("behind it\n");
  await reader.until(rig, `${lines(1, 10)}behind it\n`);
  expect(await logger.finish()).toMatchObject({ code: 0 });
  expect(directory.names()).toEqual(["config", "current", "lock"]);
});

rigTest("waits for a reader of a FIFO that reads no more, and for another when it goes", ourSuites, async (rig) => {
  const other = logDirectory(rig, "other", "s0");
  const { fifo, logger } = await startOnFifo(rig, "s0", "other");
  const text = lines(1, 4000, 100);
  {
    using reader = new Reader(fifo);
    await logger.feed("first\n");
    await reader.until(rig, "first\n");
    await logger.feed(text);
    await logger.says("svlogd: pausing: unable to write to current: log: temporary failure\n");
    await rig.until("the other's lines", () => other.current() === `first\n${text}`);
    await reader.until(rig, `first\n${text}`);
  }
  await logger.feed("second\n");
  await logger.says("svlogd: pausing: unable to write to current: log: broken pipe\n");
  using reader = new Reader(fifo);
  await reader.until(rig, "second\n");
  expect(await logger.finish()).toMatchObject({ code: 0 });
});

/** Logs to a directory with a name of one byte, and lists it. */
async function logToByteName(rig: TestRig): Promise<Result> {
  const script = 'name=$(printf "\\344"); mkdir "$name" && echo a | svlogd "$name"; ls "$name"';
  return await rig.run("sh", ["-c", script], { cwd: rig.root });
}

/** What is logged before and after a HUP that finds a directory at the place of `config`. */
async function loggedAroundBadConfig(rig: TestRig): Promise<string> {
  const directory = logDirectory(rig, "log", "p> ");
  const logger = await startLogger(rig, ["-v", "log"]);
  await feedAndSee(rig, logger, directory, "a\n");
  rmSync(directory.file("config"));
  mkdirSync(directory.file("config"));
  logger.kill("SIGHUP");
  await logger.says("info: append: log/current\n");
  await feedAndSee(rig, logger, directory, "b\n");
  expect(await logger.finish()).toMatchObject({ code: 0 });
  expect(logger.stderr()).toContain("svlogd: warning: unable to read config: log: is a directory\n");
  return directory.current();
}

async function startOnFifo(
  rig: TestRig,
  setting = "s0",
  ...operands: readonly string[]
): Promise<{
  readonly directory: LogDirectory;
  readonly fifo: string;
  readonly logger: Awaited<ReturnType<typeof startLogger>>;
}> {
  const directory = logDirectory(rig, "log", setting);
  const fifo = directory.file("current");
  expect(await rig.run("mkfifo", [fifo])).toMatchObject({ code: 0 });
  const options = operands.filter((operand) => operand.startsWith("-"));
  const others = operands.filter((operand) => !operand.startsWith("-"));
  return { directory, fifo, logger: await startLogger(rig, [...options, "log", ...others]) };
}

/** Reads a FIFO on demand. */
class Reader implements Disposable {
  readonly #fd: number;
  #text = "";

  constructor(path: string) {
    this.#fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  }

  /** Reads until all this has come. */
  async until(rig: TestRig, text: string): Promise<void> {
    await rig.until(`${text.slice(-40)} from the FIFO`, () => {
      const buffer = Buffer.alloc(64 * 1024);
      try {
        this.#text += buffer.toString("latin1", 0, readSync(this.#fd, buffer));
      } catch (error) {
        if (!isErrno(error, "EAGAIN")) throw error;
      }
      return this.#text.length >= text.length;
    });
    expect(this.#text).toBe(text);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}
