/* No descriptors, and outputs that nobody reads. */
import { closeSync, constants, openSync, readSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { feedAndSee, lines, processed, rotate, startLogger } from "../rig/runit/svlogd.ts";
import { logDirectory } from "../rig/runit/log-directory.ts";
import { isErrno } from "../rig/process/processes.ts";
import { giveDescriptors, takeDescriptors } from "../rig/process/prlimit.ts";
import { allSuites, ourSuites, stock } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

rigTest("pauses in a rotation without a free descriptor, and loses nothing", allSuites, async (rig) => {
  const directory = logDirectory(rig, "log", "s100", "n0");
  const logger = await startLogger(rig, ["-l", "20", "log"]);
  await feedAndSee(rig, logger, directory, lines(1, 1, 20));
  await takeDescriptors(rig, logger.command);
  await logger.feed(lines(2, 20, 20));
  const message = /^svlogd: pausing: unable to [^:]+: log: process cannot open more files\n/;
  await logger.says(message, 2);
  expect(directory.logged()).toBe(lines(1, 4, 20));
  await giveDescriptors(rig, logger.command);
  // After the last line svlogd ends the log once more.
  await rig.until("five logs", () => directory.oldLogs().length === 5);
  await rig.until("all lines", () => directory.logged() === lines(1, 20, 20));
  expect((await logger.finish()).stderr).toMatch(
    /^(?:svlogd: (?:pausing|warning): unable to [^:]+: log(?:\/@\S+)?: process cannot open more files\n)+$/,
  );
});

rigTest("logs on without a descriptor for the processor, and processes when there is one", ourSuites, async (rig) => {
  const directory = logDirectory(rig, "log", "!cat");
  const logger = await startLogger(rig);
  await feedAndSee(rig, logger, directory, "a\n");
  await takeDescriptors(rig, logger.command);
  logger.kill("SIGALRM");
  await logger.says(/^svlogd: pausing: unable to [^:]+: log: process cannot open more files\n/);
  await logger.feed("b\n");
  await giveDescriptors(rig, logger.command);
  await rig.until("the line", () => directory.current() === "b\n");
  await processed(rig, directory);
  await rotate(rig, logger, directory);
  expect(await logger.finish()).toMatchObject({ code: 0 });
  expect(directory.oldLogs(".s").map((name) => directory.content(name))).toEqual(["a\n", "b\n"]);
});

rigTest("takes the lock and current again on HUP without a free descriptor", ourSuites, async (rig) => {
  const directory = logDirectory(rig);
  const logger = await startLogger(rig, ["-v", "log"]);
  await feedAndSee(rig, logger, directory, "a\n");
  await takeDescriptors(rig, logger.command);
  logger.kill("SIGHUP");
  await logger.says("info: sighangup received.\n");
  await giveDescriptors(rig, logger.command);
  await logger.feed("b\n");
  await rig.until("the line", () => directory.logged() === "a\nb\n");
  expect(await logger.finish()).toMatchObject({ code: 0 });
});

rigTest(
  "waits for a reader of standard output that reads no more, while a directory gets its lines",
  ourSuites,
  async (rig) => {
    const directory = logDirectory(rig, "log", "s0");
    using output = await Output.make(rig);
    const logger = await startLogger(rig, ["-", "log"], { under: output.under });
    const text = lines(1, 5000, 100);
    await logger.feed(text);
    await rig.until("the directory's lines", () => directory.current() === text);
    await logger.says("svlogd: pausing: unable to write to standard output: temporary failure\n", 2);
    output.read();
    await rig.until("all lines", () => output.read() === text);
    await logger.feed("more\n");
    await rig.until("the next line", () => output.read() === `${text}more\n`);
    expect(await logger.finish()).toMatchObject({ code: 0 });
    expect(directory.current()).toBe(`${text}more\n`);
  },
);

rigTest(
  "says at TERM how many bytes are lost for a reader of standard output that reads no more",
  ourSuites,
  async (rig) => {
    using output = await Output.make(rig);
    const logger = await startLogger(rig, ["-"], { under: output.under });
    await logger.feed(lines(1, 5000, 100));
    const message = "unable to write to standard output: temporary failure";
    await logger.says(`svlogd: pausing: ${message}\n`);
    logger.kill("SIGTERM");
    expect(await logger.result()).toMatchObject({ code: 0 });
    const lost = Number(new RegExp(`svlogd: warning: ${message}, (\\d+) bytes lost\n$`).exec(logger.stderr())?.[1]);
    await rig.until("the rest", () => output.read().length === 500_000 - lost);
    expect(lines(1, 5000, 100).startsWith(output.read())).toBe(true);
  },
);

rigTest("leaves its input pipe at 64 KiB", [stock], async (rig) => {
  expect(await roomInInput(rig)).toBe(64 * 1024);
});

rigTest("has an input pipe of 256 KiB, so that a service need not wait so soon", ourSuites, async (rig) => {
  expect(await roomInInput(rig)).toBe(256 * 1024);
});

/** How much a service can write while the logger is stopped. */
async function roomInInput(rig: TestRig): Promise<number> {
  const directory = logDirectory(rig);
  const logger = await startLogger(rig);
  await feedAndSee(rig, logger, directory, "a\n");
  logger.kill("SIGSTOP");
  let room = 0;
  for (let more = 1; more > 0; room += more) more = logger.input.feedSome(lines(1, 1, 65_536));
  return room;
}

/** A FIFO as standard output, which the test reads on demand. */
class Output implements Disposable {
  readonly under: readonly string[];
  readonly #fd: number;
  #text = "";

  private constructor(path: string) {
    this.#fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    this.under = ["sh", "-c", `exec "$@" >${path}`, "sh"];
  }

  static async make(rig: TestRig): Promise<Output> {
    const path = rig.path("output");
    expect(await rig.run("mkfifo", [path])).toMatchObject({ code: 0 });
    return new Output(path);
  }

  /** Reads what is there, and returns all that has been read. */
  read(): string {
    const buffer = Buffer.alloc(1024 * 1024);
    try {
      this.#text += buffer.toString("latin1", 0, readSync(this.#fd, buffer));
    } catch (error) {
      if (!isErrno(error, "EAGAIN")) throw error;
    }
    return this.#text;
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}
