/* A full or read-only log directory. */
import { chmodSync, chownSync, closeSync, openSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { feedAndSee, lines, log, processed, rotate, startLogger, startOnOwnDisk } from "../rig/runit/svlogd.ts";
import { logDirectory } from "../rig/runit/log-directory.ts";
import { privateMounts, withMounts } from "../rig/core/needs.ts";
import { allSuites, ourSuites, stock } from "../rig/core/suites.ts";
import { root } from "../rig/process/under.ts";

const needs = privateMounts;
const pausing = "svlogd: pausing: unable to write to current: log: out of disk space\n";

rigTest(
  "a directory on a full disk stops all others",
  [stock],
  async (rig) => {
    const other = logDirectory(rig, "other");
    const { logger } = await startOnOwnDisk(rig, "size=32k", ["s0"], ["log", "other"]);
    await logger.feed(lines(1, 500, 100));
    await logger.says(pausing, 3);
    expect(other.current().length).toBeLessThan(50_000);
  },
  { needs },
);

rigTest(
  "a directory on a full disk does not stop another, until 1 MiB waits for it; and nothing is lost",
  ourSuites,
  async (rig) => {
    const other = logDirectory(rig, "other", "s0");
    const { directory, logger, inside } = await startOnOwnDisk(rig, "size=32k", ["s0"], ["log", "other"]);
    await logger.feed(lines(1, 500, 100));
    await logger.says(pausing);
    await rig.until("the other's lines", () => other.current() === lines(1, 500, 100));
    await feedAndSee(rig, logger, other, lines(501, 1000, 100));

    // As much as it takes: the lines that wait, and the rest in the pipe.
    let fed = lines(1, 1000, 100);
    const kibibyte = lines(1, 1, 1024);
    const isFull = (): boolean => logger.input.feedSome(kibibyte) === 0;
    await rig.until("the input to be taken no longer", async () => {
      while (!isFull()) fed += kibibyte;
      // The next pause may have begun before it could read the latest lines.
      await logger.says(pausing, logger.stderr().length / pausing.length + 2);
      if (isFull()) return true;
      fed += kibibyte;
      return false;
    });
    expect(other.current().length).toBeGreaterThan(1024 * 1024);
    expect(other.current().length).toBeLessThan(1024 * 1024 + 300_000);
    expect(fed.length).toBeGreaterThan(other.current().length);

    await inside("mount", "-o", "remount,size=8m", rig.path("log"));
    await rig.until("all to be logged", () => directory.current().length >= fed.length);
    expect(directory.current()).toBe(fed);
    await rig.until("the other's lines", () => other.current() === fed);
    expect(await logger.finish()).toMatchObject({ code: 0 });
    expect(logger.stderr()).toMatch(new RegExp(`^(?:${pausing})+$`));
  },
  { needs },
);

rigTest(
  "says how many bytes are lost when it has to end on a full disk, and loses no other directory's",
  ourSuites,
  async (rig) => {
    const other = logDirectory(rig, "other");
    const { directory, logger } = await startOnOwnDisk(rig, "size=32k", ["s0"], ["log", "other"]);
    await logger.feed(lines(1, 500, 100));
    await logger.says(pausing);
    await rig.until("the other's lines", () => other.current() === lines(1, 500, 100));
    const lost = 50_000 - directory.current().length;
    logger.kill("SIGTERM");
    expect(await logger.result()).toMatchObject({ code: 0 });
    const warning = `svlogd: warning: unable to write to current: log: out of disk space, ${lost} bytes lost\n`;
    expect(logger.stderr()).toMatch(new RegExp(`^(?:${pausing})+${warning}$`));
    expect([other.current(), other.mode("current")]).toEqual([lines(1, 500, 100), "744"]);
  },
  { needs },
);

rigTest(
  "waits on a full disk at the end of its input, until there is room",
  ourSuites,
  async (rig) => {
    const { directory, logger, inside } = await startOnOwnDisk(rig, "size=32k", ["s0"]);
    await logger.feed(lines(1, 500, 100));
    logger.input.end();
    await logger.says(pausing, 2);
    expect(logger.command.ending).toBeUndefined();
    expect(directory.current()).not.toBe(lines(1, 500, 100));
    // The file system disappears with the process, but not while a file in it is open.
    const current = openSync(directory.file("current"), "r");
    await inside("mount", "-o", "remount,size=200k", rig.path("log"));
    expect(await logger.result()).toMatchObject({ code: 0 });
    expect(readFileSync(current, "latin1")).toBe(lines(1, 500, 100));
    closeSync(current);
  },
  { needs },
);

rigTest(
  "takes new settings on HUP on a full disk, and goes on if they help",
  ourSuites,
  async (rig) => {
    const config = ["s8000", "n20", "N20"];
    const { directory, logger } = await startOnOwnDisk(rig, "size=64k", config, ["-l", "100", "log"]);
    await logger.feed(lines(1, 1000, 100));
    await logger.says(pausing);
    await rig.run("sh", ["-c", `printf 'N2\\ns8000\\nn20\\n' 1<>${directory.file("config")}`]);
    logger.kill("SIGHUP");
    await rig.until("the last line", () => directory.logged().endsWith(lines(1000, 1000, 100)));
    expect(logger.stderr()).toContain("svlogd: warning: out of disk space, delete: log/@");
    expect(lines(1, 1000, 100).endsWith(directory.logged())).toBe(true);
  },
  { needs },
);

rigTest(
  "pauses in a rotation when there is no inode for a new current, and loses nothing",
  allSuites,
  async (rig) => {
    const { directory, logger, inside } = await startOnOwnDisk(rig, "nr_inodes=4", ["s100", "n0"], ["-l", "20", "log"]);
    await logger.feed(lines(1, 20, 20));
    await logger.says("svlogd: pausing: unable to create new current: log: out of disk space\n", 2);
    await inside("mount", "-o", "remount,nr_inodes=100", rig.path("log"));
    // After the last line svlogd ends the log once more.
    await rig.until("five logs", () => directory.oldLogs().length === 5);
    await rig.until("all lines", () => directory.logged() === lines(1, 20, 20));
    expect(await logger.finish()).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^(?:svlogd: pausing: unable to create new current: log: out of disk space\n)+$/),
    });
  },
  { needs },
);

rigTest(
  "keeps a log for whose processor there is no room, logs on, and processes it when there is some",
  ourSuites,
  async (rig) => {
    const { directory, logger, inside } = await startOnOwnDisk(rig, "nr_inodes=5", ["!cat"]);
    await feedAndSee(rig, logger, directory, "a\n");
    await rotate(rig, logger, directory);
    await logger.says("svlogd: warning: unable to open output for processor: log: out of disk space\n", 2);
    await feedAndSee(rig, logger, directory, "b\n");
    expect(directory.logged()).toBe("a\nb\n");
    await inside("mount", "-o", "remount,nr_inodes=100", rig.path("log"));
    logger.kill("SIGHUP");
    await processed(rig, directory);
    expect(directory.logged()).toBe("a\nb\n");
  },
  { needs },
);

rigTest(
  "keeps a log whose processor runs out of disk space",
  ourSuites,
  async (rig) => {
    const { directory, logger, inside } = await startOnOwnDisk(rig, "size=64k", ["!cat", "s0"]);
    await feedAndSee(rig, logger, directory, lines(1, 450, 100));
    await rotate(rig, logger, directory);
    await logger.says("svlogd: warning: processor failed, restart: log\n");
    expect(directory.oldLogs(".u").map((name) => directory.content(name))).toEqual([lines(1, 450, 100)]);
    await feedAndSee(rig, logger, directory, "b\n");
    await inside("mount", "-o", "remount,size=1m", rig.path("log"));
    await rig.until("it to be processed", () => directory.oldLogs(".u").length === 0);
    expect(directory.logged()).toBe(`${lines(1, 450, 100)}b\n`);
  },
  { needs },
);

rigTest(
  "warns of a directory on a read-only file system, and takes it up on HUP when that is writable",
  allSuites,
  async (rig) => {
    const directory = logDirectory(rig);
    logDirectory(rig, "other");
    const readOnly = withMounts("-t tmpfs none log", "-o remount,ro log");
    const warning = "svlogd: warning: unable to lock directory: log: read-only file system\n";
    expect(await log(rig, "a\n", ["log"], { under: readOnly })).toMatchObject({
      code: 111,
      stderr: `${warning}svlogd: fatal: no functional log directories.\n`,
    });
    const logger = await startLogger(rig, ["log", "other"], { under: readOnly });
    await logger.says(warning);
    await logger.feed("a\n");
    await rig.until("the line", () => rig.read(rig.path("other/current")) === "a\n");
    const mount = ["--mount", "--target", `${logger.command.pid}`, "mount", "-o", "remount,rw", directory.path];
    expect(await rig.run("nsenter", mount)).toMatchObject({ code: 0 });
    logger.kill("SIGHUP");
    const seen = `/proc/${logger.command.pid}/root${directory.path}/current`;
    await rig.until("the directory to be opened", () => rig.exists(seen));
    await logger.feed("b\n");
    await rig.until("the line", () => rig.read(seen) === "b\n");
    expect(await logger.finish()).toMatchObject({ code: 0, stderr: warning });
    expect(rig.read(rig.path("other/current"))).toBe("a\nb\n");
  },
  { needs },
);

rigTest(
  "pauses in a rotation in a directory that it may not write to any more, and loses nothing",
  allSuites,
  async (rig) => {
    const directory = logDirectory(rig, "log", "s100", "n0");
    const uid = 100_000 + process.pid;
    chownSync(directory.path, uid, uid);
    const capabilities = ["--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"];
    const under = ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", ...capabilities];
    const logger = await startLogger(rig, ["-l", "20", "log"], { under });
    await feedAndSee(rig, logger, directory, lines(1, 1, 20));
    chmodSync(directory.path, 0o555);
    await logger.feed(lines(2, 20, 20));
    const message = "svlogd: pausing: unable to rename current: log: access denied\n";
    await logger.says(message, 2);
    expect(directory.oldLogs()).toEqual([]);
    chmodSync(directory.path, 0o755);
    await rig.until("all lines", () => directory.logged() === lines(1, 20, 20));
    expect((await logger.finish()).stderr).toMatch(new RegExp(`^(?:${message})+$`));
  },
  { needs: root },
);

rigTest(
  "with L in config, loses lines on a full disk instead of waiting, says how many, and when it is over",
  ourSuites,
  async (rig) => {
    const { directory, logger, inside } = await startOnOwnDisk(rig, "size=32k", ["s0", "L64k"]);
    const fed = lines(1, 30_000, 100);
    // 3 MB: more than the pipe takes and what may wait.
    await logger.feed(fed);
    await logger.says(/pausing: unable to write to current: log: out of disk space, \d+ lines lost so far\n/);
    await inside("mount", "-o", "remount,size=8m", rig.path("log"));
    // Another try, at once.
    logger.kill("SIGHUP");
    await logger.says(/warning: logging again, \d+ lines lost: log\n/);
    await feedAndSee(rig, logger, directory, "the last\n");
    const lost = Number(/logging again, (\d+) lines lost/.exec(logger.stderr())?.[1]);
    const logged = directory.current().split("\n").slice(0, -2);
    expect(logged.length + lost).toBe(30_000);
    const all = new Set(fed.split("\n"));
    expect(logged.filter((line) => !all.has(line))).toEqual([]);
    expect(await logger.finish()).toMatchObject({ code: 0 });
  },
  { needs },
);
