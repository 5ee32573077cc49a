import { renameSync, rmSync } from "node:fs";
import { expect } from "vitest";
import { line, rigTest } from "../rig/core/conformance.ts";
import { type LogDirectory, logDirectory } from "../rig/runit/log-directory.ts";
import { type Logger, feedAndSee, lines, log, rotate, startLogger } from "../rig/runit/svlogd.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

line("LOG-19", "reads config again on HUP", {
  test: async (rig) => {
    const directory = logDirectory(rig);
    const logger = await startLogger(rig, ["-v", "log"]);
    await feedAndSee(rig, logger, directory, "a\n");
    directory.configure("p> ", "-no");
    logger.kill("SIGHUP");
    await logger.says("info: append: log/current\n");
    await logger.feed("no\n");
    await feedAndSee(rig, logger, directory, "b\n");
    rmSync(directory.file("config"));
    logger.kill("SIGHUP");
    await logger.says("info: append: log/current\n", 2);
    await feedAndSee(rig, logger, directory, "no\n");
    expect(directory.current()).toBe("a\n> b\nno\n");
    expect(directory.oldLogs()).toEqual([]);
  },
});

line("LOG-19", "on HUP warns of a directory that has vanished, and goes on without, until a HUP finds it", {
  test: async (rig) => {
    const directory = logDirectory(rig);
    const other = logDirectory(rig, "other");
    const logger = await startLogger(rig, ["other", "log"]);
    await feedAndSee(rig, logger, directory, "a\n");
    rmSync(other.path, { recursive: true });
    logger.kill("SIGHUP");
    await logger.says("svlogd: warning: unable to open log directory: other: file does not exist\n");
    await feedAndSee(rig, logger, directory, "b\n");
    logDirectory(rig, "other");
    logger.kill("SIGHUP");
    await rig.until("the directory to be opened", () => other.names().includes("current"));
    await feedAndSee(rig, logger, directory, "c\n");
    await rig.until("the line", () => other.current() === "c\n");
    expect(await logger.finish()).toMatchObject({ code: 0 });
    expect(directory.current()).toBe("a\nb\nc\n");
  },
});

for (const how of ["removed", "renamed"] as const) {
  line("LOG-19", `on HUP takes up a directory that has been ${how} and made again`, {
    test: async (rig) => {
      const directory = logDirectory(rig);
      const logger = await startLogger(rig);
      await feedAndSee(rig, logger, directory, "a\n");
      if (how === "removed") rmSync(directory.path, { recursive: true });
      else renameSync(directory.path, rig.path("old"));
      logDirectory(rig);
      logger.kill("SIGHUP");
      await rig.until("the directory to be opened", () => directory.names().includes("current"));
      await feedAndSee(rig, logger, directory, "b\n");
      expect(await logger.finish()).toMatchObject({ code: 0, stderr: "" });
      expect(directory.current()).toBe("b\n");
      if (how === "renamed") expect(rig.read(rig.path("old/current"))).toBe("a\n");
    },
  });
}

line("LOG-19", "exits 111 on HUP when all directories have vanished", {
  test: async (rig) => {
    const directory = logDirectory(rig);
    const logger = await startLogger(rig);
    await feedAndSee(rig, logger, directory, "a\n");
    renameSync(directory.path, rig.path("aside"));
    logger.kill("SIGHUP");
    expect(await logger.result()).toMatchObject({
      code: 111,
      stderr:
        "svlogd: warning: unable to open log directory: log: file does not exist\n" +
        "svlogd: fatal: no functional log directories.\n",
    });
    expect(rig.read(rig.path("aside/current"))).toBe("a\n");
  },
});

line("LOG-32", "exits 0 at once on TERM at the end of a line", {
  test: async (rig) => {
    const directory = logDirectory(rig);
    const logger = await startLogger(rig);
    await feedAndSee(rig, logger, directory, "a\n");
    logger.kill("SIGTERM");
    expect(await logger.result()).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect([directory.current(), directory.mode("current")]).toEqual(["a\n", "744"]);
    await logger.feed("b\nc\n");
    const second = await startLogger(rig, ["log"], { input: logger.input });
    await rig.until("the lines", () => directory.current() === "a\nb\nc\n");
    await second.finish();
  },
});

line("LOG-32", "leaves what it has not read at TERM to the next logger, but for a line that it loses", {
  stock: async (rig) => {
    const [first, second] = await loggedAroundTerm(rig);
    // It reads once more, and loses the last whole line of what it reads.
    expect(first.length + second.length).toBeLessThan(lines(1, 100, 100).length);
    expect(lines(1, 100, 100).startsWith(first)).toBe(true);
    expect(second).not.toBe("");
    expect(lines(1, 100, 100).endsWith(second)).toBe(true);
  },
  ours: async (rig) => {
    const [first, second] = await loggedAroundTerm(rig);
    expect(first + second).toBe(lines(1, 100, 100));
  },
  instead: "leaves what it has not read at TERM to the next logger, and loses nothing of the rest",
  because: "a restart of the logger must not be seen in the log",
});

line("LOG-33", "waits at TERM for the end of a line, exits 0, and loses the line", {
  stock: async (rig) => {
    const { directory, logger } = await terminateInLine(rig);
    logger.kill("SIGALRM");
    await logger.says("info: sigalarm received.\n");
    expect(logger.command.ending).toBeUndefined();
    await logger.feed(" and ended\nfor the next\n");
    expect(await logger.result()).toMatchObject({ code: 0 });
    expect(directory.logged()).toBe("a\n");
    await takeRest(rig, logger, directory, "for the next\n");
  },
  ours: async (rig) => {
    const { directory, logger } = await terminateInLine(rig);
    await logger.feed(" and ended\nfor the next\n");
    expect(await logger.result()).toMatchObject({ code: 0 });
    expect(directory.logged()).toBe("a\nbegun and ended\n");
    await takeRest(rig, logger, directory, "for the next\n");
  },
  instead: "waits at TERM for the end of a line, logs it, and exits 0; nothing behind it is read",
  because: "the line would be lost",
});

rigTest("waits at TERM five seconds for the end of a line, and keeps what there is of it", ourSuites, async (rig) => {
  const before = Date.now();
  const { directory, logger } = await terminateInLine(rig);
  expect(await logger.result()).toMatchObject({ code: 0 });
  expect(Date.now() - before).toBeGreaterThan(4900);
  expect(directory.logged()).toBe("a\nbegun\n");
  await logger.feed(" and ended\n");
  await takeRest(rig, logger, directory, " and ended\n");
});

rigTest("waits no longer for the end of a line at a second TERM", ourSuites, async (rig) => {
  // A loaded machine may be late once, but not each time.
  const taken: number[] = [];
  while (!taken.some((millis) => millis < 4500) && taken.length < 3) {
    const { directory, logger } = await terminateInLine(rig, `log-${taken.length}`);
    const before = Date.now();
    logger.kill("SIGTERM");
    expect(await logger.result()).toMatchObject({ code: 0 });
    taken.push(Date.now() - before);
    expect([directory.logged(), directory.mode("current")]).toEqual(["a\nbegun\n", "744"]);
  }
  expect(Math.min(...taken)).toBeLessThan(4500);
});

line("LOG-37", "tells with -v what it opens and closes, and of TERM", {
  test: async (rig) => {
    const directory = logDirectory(rig);
    const logger = await startLogger(rig, ["-v", "log"]);
    await feedAndSee(rig, logger, directory, "a\n");
    logger.kill("SIGTERM");
    expect((await logger.result()).stderr).toBe(
      "svlogd: info: new: log/current\nsvlogd: info: sigterm received.\nsvlogd: info: close: log\n",
    );
    directory.configure("n1");
    expect((await log(rig, "b\n", ["-v", "log"])).stderr).toBe(
      "svlogd: info: read: log/config\nsvlogd: info: append: log/current\nsvlogd: info: close: log\n",
    );
  },
});

line("LOG-37", "tells with -v of HUP, of ALRM, and of logs that are renamed and deleted", {
  test: async (rig) => {
    const directory = logDirectory(rig, "log", "n1");
    const logger = await startLogger(rig, ["-v", "log"]);
    await feedAndSee(rig, logger, directory, "a\n");
    await rotate(rig, logger, directory);
    const [first] = directory.oldLogs();
    await feedAndSee(rig, logger, directory, "bcd\n");
    await rotate(rig, logger, directory);
    await logger.says("info: delete: ");
    await rig.until("the removal", () => directory.oldLogs().length === 1);
    const [second] = directory.oldLogs();
    logger.kill("SIGHUP");
    await logger.says("info: append: log/current\n");
    expect((await logger.finish()).stderr).toBe(
      [
        "read: log/config",
        "new: log/current",
        "sigalarm received.",
        `rename: log/current ${first} 2`,
        "sigalarm received.",
        `rename: log/current ${second} 4`,
        `delete: log/${first}`,
        "sighangup received.",
        "close: log",
        "read: log/config",
        "append: log/current",
        "close: log",
      ]
        .map((text) => `svlogd: info: ${text}\n`)
        .join(""),
    );
  },
});

line("LOG-37", "tells with -v of processors and their ends", {
  test: async (rig) => {
    const directory = logDirectory(rig, "log", "!cat");
    const logger = await startLogger(rig, ["-v", "log"]);
    await feedAndSee(rig, logger, directory, "a\n");
    await rotate(rig, logger, directory);
    await rig.until("a processed log", () => directory.oldLogs(".s").length === 1);
    expect(await logger.finish()).toMatchObject({ code: 0 });
    const label = directory.oldLogs()[0]?.slice(0, 25) ?? "";
    const said = logger.stderr();
    for (const text of [`processing: log/${label}.u`, "sigchild received.", `processed: log/${label}.s`]) {
      expect(said).toContain(`svlogd: info: ${text}\n`);
    }
    expect(said.indexOf("processing")).toBeLessThan(said.indexOf("processed"));
    expect(said).toMatch(/^(?:svlogd: info: [^\n]+\n)+$/);
  },
});

line("LOG-37", "tells nothing without -v", {
  test: async (rig) => {
    const directory = logDirectory(rig, "log", "n1", "!cat");
    const logger = await startLogger(rig);
    for (const text of ["a\n", "b\n"]) {
      await feedAndSee(rig, logger, directory, text);
      await rotate(rig, logger, directory);
    }
    // Between fork and exec, runit's processor holds the lock too, so the directory cannot be opened again.
    await rig.until("all logs to be processed", () => directory.oldLogs(".u").length === 0);
    logger.kill("SIGHUP");
    await feedAndSee(rig, logger, directory, "c\n");
    logger.kill("SIGTERM");
    expect(await logger.result()).toMatchObject({ code: 0, stdout: "", stderr: "" });
  },
});

/** Sends TERM when a line has begun to arrive. */
async function terminateInLine(
  rig: TestRig,
  name = "log",
): Promise<{ readonly directory: LogDirectory; readonly logger: Logger }> {
  const directory = logDirectory(rig, name);
  const logger = await startLogger(rig, ["-v", name]);
  await logger.feed("a\nbegun");
  await rig.until("the first line", () => directory.current() === "a\n");
  logger.kill("SIGTERM");
  await logger.says("info: sigterm received.\n");
  return { directory, logger };
}

/** Lets another logger read the rest of the input. */
async function takeRest(rig: TestRig, { input }: Logger, directory: LogDirectory, rest: string): Promise<void> {
  const before = directory.logged();
  const next = await startLogger(rig, ["log"], { input });
  await rig.until("the rest", () => directory.logged() === before + rest);
  await next.finish();
}

/** What two loggers got of 100 lines that reached the first one together with TERM. */
async function loggedAroundTerm(rig: TestRig): Promise<readonly [first: string, second: string]> {
  const directory = logDirectory(rig);
  const logger = await startLogger(rig);
  await feedAndSee(rig, logger, directory, "ready\n");
  logger.kill("SIGSTOP");
  await logger.feed(lines(1, 100, 100));
  logger.kill("SIGTERM");
  logger.kill("SIGCONT");
  expect(await logger.result()).toMatchObject({ code: 0, stderr: "" });
  const first = directory.logged().slice("ready\n".length);
  expect(await (await startLogger(rig, ["log"], { input: logger.input })).finish()).toMatchObject({ code: 0 });
  return [first, directory.logged().slice("ready\n".length + first.length)];
}
