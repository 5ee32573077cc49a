import { mkdirSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { line, rigTest } from "../rig/core/conformance.ts";
import { type LogDirectory, logDirectory, oldSizes } from "../rig/runit/log-directory.ts";
import { type Logger, feedAndSee, lines, log, rotate, startLogger } from "../rig/runit/svlogd.ts";
import { program } from "../rig/core/needs.ts";
import { signalProcess } from "../rig/process/processes.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { umask } from "../rig/process/under.ts";

line("LOG-12", "with s100 and a LEN of 20, ends a log behind the line that brings it to 80 bytes", {
  test: async (rig) => {
    const directory = logDirectory(rig, "log", "s100", "n0");
    expect(await log(rig, lines(1, 13, 21), ["-l", "20", "log"])).toMatchObject({ code: 0, stderr: "" });
    expect(oldSizes(directory)).toEqual([84, 84, 84]);
    expect(directory.logged()).toBe(lines(1, 13, 21));
    expect(directory.current()).toBe(lines(13, 13, 21));
  },
});

line("LOG-12", "makes old logs of mode 0744 whose names are labels of the time, in the order of the logs", {
  test: async (rig) => {
    const directory = logDirectory(rig, "log", "s100", "n0");
    const before = Date.now() / 1000;
    expect(await log(rig, lines(1, 13, 21), ["-l", "20", "log"], { under: umask("022") })).toMatchObject({ code: 0 });
    const old = directory.oldLogs(".s");
    expect(old).toHaveLength(3);
    for (const name of old) {
      expect(directory.mode(name)).toBe("744");
      const seconds = Number(BigInt(`0x${name.slice(1, 17)}`) - 0x4000_0000_0000_000an);
      expect(seconds).toBeGreaterThanOrEqual(Math.floor(before));
      expect(seconds).toBeLessThanOrEqual(Date.now() / 1000);
    }
  },
});

line("LOG-13", "divides a line that is longer than the log may be, so that no log gets larger", {
  test: async (rig) => {
    const directory = logDirectory(rig, "log", "s100", "n0");
    expect(await log(rig, `${"x".repeat(350)}\n`, ["-l", "20", "log"])).toMatchObject({ code: 0, stderr: "" });
    expect(oldSizes(directory)).toEqual([100, 100, 100]);
    expect(directory.current()).toBe(`${"x".repeat(50)}\n`);
    expect(directory.logged()).toBe(`${"x".repeat(350)}\n`);
  },
});

line("LOG-14", "with a size below LEN, ends each log at exactly that size", {
  test: async (rig) => {
    const directory = logDirectory(rig, "log", "s50", "n0");
    expect(await log(rig, lines(1, 10, 21))).toMatchObject({ code: 0, stderr: "" });
    expect(oldSizes(directory)).toEqual([50, 50, 50, 50]);
    expect(directory.current()).toHaveLength(10);
    expect(directory.logged()).toBe(lines(1, 10, 21));
  },
});

line("LOG-15", "keeps three old logs with n3", {
  test: async (rig) => {
    const directory = logDirectory(rig, "log", "s100", "n3");
    expect(await log(rig, lines(1, 41, 21), ["-l", "20", "log"])).toMatchObject({ code: 0, stderr: "" });
    expect(directory.oldLogs()).toHaveLength(3);
    expect(directory.logged()).toBe(lines(29, 41, 21));
  },
});

line("LOG-15", "keeps ten old logs unless told, and all with n0", {
  test: async (rig) => {
    const directory = logDirectory(rig, "log", "s100");
    const all = logDirectory(rig, "all", "s100", "n0");
    expect(await log(rig, lines(1, 61, 21), ["-l", "20", "log", "all"])).toMatchObject({ code: 0, stderr: "" });
    expect(directory.oldLogs()).toHaveLength(10);
    expect(all.oldLogs()).toHaveLength(15);
    expect(all.logged()).toBe(lines(1, 61, 21));
  },
});

line("LOG-15", "removes one old log for each new one, so that a lower n leaves as many", {
  stock: async (rig) => {
    const directory = logDirectory(rig, "log", "n2");
    makeOldLogs(directory, 6);
    const logger = await startLogger(rig);
    await feedAndSee(rig, logger, directory, "a\n");
    await rotate(rig, logger, directory);
    await feedAndSee(rig, logger, directory, "b\n");
    expect(directory.oldLogs()).toHaveLength(6);
    expect(directory.content(directory.oldLogs()[0] ?? "")).toBe("2\n");
  },
  ours: async (rig) => {
    const directory = logDirectory(rig, "log", "n2");
    makeOldLogs(directory, 6);
    const logger = await startLogger(rig);
    await feedAndSee(rig, logger, directory, "a\n");
    await rotate(rig, logger, directory);
    await rig.until("two old logs", () => directory.oldLogs().length === 2);
    expect(directory.logged()).toBe("6\na\n");
  },
  instead: "removes as many old logs as it takes to have n",
  because: "a lower n is set because the disk is too small",
});

line("LOG-15", "keeps one more than n with a processor", {
  stock: async (rig) => {
    expect(await keptWithProcessor(rig)).toBe("3\n4\n5\n");
  },
  ours: async (rig) => {
    expect(await keptWithProcessor(rig)).toBe("4\n5\n");
  },
  instead: "keeps n old logs with a processor, too",
  because: "n is what the administrator wrote",
});

line("LOG-16", "never rotates by size with s0", {
  test: async (rig) => {
    const directory = logDirectory(rig, "log", "s0");
    expect(await log(rig, lines(1, 11_000, 100))).toMatchObject({ code: 0, stderr: "" });
    expect(directory.oldLogs()).toEqual([]);
    expect(directory.current()).toHaveLength(1_100_000);
  },
});

line("LOG-16", "takes k for 1024 bytes and m for 1024 of these, and 1000000 bytes without s", {
  test: async (rig) => {
    const kilo = logDirectory(rig, "kilo", "s1k", "n0");
    const mega = logDirectory(rig, "mega", "s1m", "n0");
    const none = logDirectory(rig, "none", "n0");
    expect(await log(rig, lines(1, 11_000, 100), ["-l", "20", "kilo", "mega", "none"])).toMatchObject({ code: 0 });
    expect(oldSizes(kilo)[0]).toBe(1100 - 100 + 24);
    expect(oldSizes(mega)).toEqual([1_048_576]);
    expect(oldSizes(none)).toEqual([1_000_000]);
  },
});

line("LOG-17", "rotates a current that is not empty every two seconds with t2", {
  test: async (rig) => {
    const directory = logDirectory(rig, "log", "t2");
    const before = Date.now();
    const logger = await startLogger(rig);
    await logger.feed("a\n");
    await rig.until("the rotation", () => directory.oldLogs().length === 1);
    expect(Date.now() - before).toBeGreaterThan(1900);
    expect(directory.content(directory.oldLogs()[0] ?? "")).toBe("a\n");
    await logger.feed("b\n");
    await rig.until("another rotation", () => directory.oldLogs().length === 2);
    expect(Date.now() - before).toBeGreaterThan(3900);
    expect(directory.logged()).toBe("a\nb\n");
  },
});

line("LOG-17", "never rotates an empty current because of its age", {
  test: async (rig) => {
    const directory = logDirectory(rig, "log", "t1");
    const empty = logDirectory(rig, "empty", "t1", "-*");
    const logger = await startLogger(rig, ["log", "empty"]);
    for (const count of [1, 2, 3]) {
      await logger.feed(`${count}\n`);
      await rig.until(`rotation ${count}`, () => directory.oldLogs().length === count);
    }
    expect(empty.names()).toEqual(["config", "current", "lock"]);
    expect(empty.current()).toBe("");
  },
});

line("LOG-17", "wakes up every t seconds while current is empty", {
  needs: program("strace", "strace"),
  stock: async (rig) => {
    logDirectory(rig, "log", "t1", "-*");
    const trace = rig.path("trace");
    await startLogger(rig, ["log"], { under: ["strace", "-q", "-o", trace, "-e", "trace=poll"] });
    await rig.until("three time-outs", () => (rig.read(trace).match(/\(Timeout\)/g) ?? []).length >= 3);
  },
  ours: async (rig) => {
    const directory = logDirectory(rig, "log", "t1");
    const other = logDirectory(rig, "other", "t1", "n0");
    const logger = await startLogger(rig);
    const busy = await startLogger(rig, ["other"]);
    await logger.feed("a\n");
    await rig.until("the rotation", () => directory.oldLogs().length === 1);
    await busy.feed("0\n");
    await rig.until("the rotation of the other", () => other.oldLogs().length === 1);
    const sofar = (): number => switches(rig.read(`/proc/${logger.command.pid}/status`));
    let rotations = 1;
    // On a loaded machine a part of its own rotation may still be missing.
    await rig.until("four seconds of sleep", async () => {
      const before = sofar();
      for (const last = rotations + 4; rotations < last;) {
        await busy.feed("a\n");
        rotations += 1;
        await rig.until(`rotation ${rotations} of the other`, () => other.oldLogs().length === rotations);
      }
      return sofar() - before < 3;
    });
  },
  instead: "does not wake up while current is empty",
  because: "an idle service must cost nothing",
});

line("LOG-18", "rotates on ALRM, unless current is empty", {
  test: async (rig) => {
    const directory = logDirectory(rig);
    const logger = await startLogger(rig, ["-v", "log"]);
    await feedAndSee(rig, logger, directory, "a\n");
    await rotate(rig, logger, directory);
    expect(directory.oldLogs(".s").map((name) => directory.content(name))).toEqual(["a\n"]);
    logger.kill("SIGALRM");
    await logger.says("info: sigalarm received.\n", 2);
    await feedAndSee(rig, logger, directory, "b\n");
    await rotate(rig, logger, directory);
    expect(directory.oldLogs().map((name) => directory.content(name))).toEqual(["a\n", "b\n"]);
    expect(await logger.finish()).toMatchObject({ code: 0 });
  },
});

for (const setting of ["n10", "n0"]) {
  line("LOG-22", `removes a left-over .t at the next rotation with ${setting}`, {
    test: async (rig) => {
      const directory = logDirectory(rig, "log", setting);
      const name = "@4000000068f00000000001f4.t";
      writeFileSync(directory.file(name), "half");
      const logger = await startLogger(rig);
      await feedAndSee(rig, logger, directory, "a\n");
      expect(directory.oldLogs()).toEqual([name]);
      await rotate(rig, logger, directory);
      await rig.until("the removal", () => !directory.names().includes(name));
      expect(directory.oldLogs()).toEqual([expect.stringMatching(/\.s$/)]);
    },
  });
}

rigTest(
  "forces ended logs to the disk, and removes old ones, in other threads than the one that writes",
  ourSuites,
  async (rig) => {
    const directory = logDirectory(rig, "log", "s0", "n1");
    const trace = rig.path("trace");
    const calls = "trace=write,fsync,unlink,unlinkat";
    const under = ["strace", "-f", "-q", "-y", "-s", "8", "-o", trace, "-e", calls];
    const logger = await startLogger(rig, ["log"], { under });
    for (const text of ["a\n", "b\n", "c\n"]) {
      await feedAndSee(rig, logger, directory, text);
      const writer = (): string | undefined => /^(\d+) +write\(\d+<[^>]*current>/m.exec(rig.read(trace))?.[1];
      signalProcess(Number(await rig.until("the write in the trace", writer)), "SIGALRM");
      await rig.until("the rotation", () => directory.current() === "" && directory.names().includes("current"));
    }
    expect(await logger.finish()).toMatchObject({ code: 0 });
    const made = rig.read(trace);
    const threads = (call: RegExp): ReadonlySet<string | undefined> =>
      new Set([...made.matchAll(call)].map(([, thread]) => thread));
    const [writer] = threads(/^(\d+) +write\(\d+<[^>]*current>/gm);
    expect(threads(/^(\d+) +fsync\(\d+<[^>]*\.s>/gm)).not.toContain(writer);
    expect(threads(/^(\d+) +fsync\(\d+<[^>]*\.s>/gm).size).toBeGreaterThan(0);
    expect(threads(/^(\d+) +unlink.*\.s"/gm)).not.toContain(writer);
    expect(threads(/^(\d+) +unlink.*\.s"/gm).size).toBeGreaterThan(0);
    expect(directory.logged()).toBe("c\n");
  },
  { needs: program("strace", "strace") },
);

rigTest("keeps the old logs within a total size with S", ourSuites, async (rig) => {
  const directory = logDirectory(rig, "log", "s100", "n0", "S200");
  expect(await log(rig, lines(1, 41, 21), ["-l", "20", "log"])).toMatchObject({ code: 0, stderr: "" });
  expect(oldSizes(directory)).toEqual([84, 84]);
  expect(directory.logged()).toBe(lines(33, 41, 21));
});

rigTest("gives each log a later label than all in the directory", ourSuites, async (rig) => {
  const directory = logDirectory(rig);
  const future = "@4000000100000000000001f4.s";
  writeFileSync(directory.file(future), "old\n");
  const logger = await startLogger(rig);
  for (const text of ["a\n", "b\n", "c\n"]) {
    await feedAndSee(rig, logger, directory, text);
    await rotate(rig, logger, directory);
  }
  expect(directory.oldLogs()[0]).toBe(future);
  expect(directory.logged()).toBe("old\na\nb\nc\n");
});

/** Rotates a log of "a" in a directory with an old log from the future. */
async function rotateBesideFuture(rig: TestRig): Promise<LogDirectory> {
  const directory = logDirectory(rig);
  writeFileSync(directory.file("@4000000100000000000001f4.s"), "future\n");
  const logger = await startLogger(rig);
  await feedAndSee(rig, logger, directory, "a\n");
  await rotate(rig, logger, directory);
  return directory;
}

line("LOG-12", "goes by the clock alone for its labels", {
  stock: async (rig) => {
    const directory = await rotateBesideFuture(rig);
    expect(directory.logged()).toBe("a\nfuture\n");
  },
  ours: async (rig) => {
    const directory = await rotateBesideFuture(rig);
    expect(directory.logged()).toBe("future\na\n");
  },
  instead: "gives labels that are later than all in the directory",
  because: "the newest log must not be taken for the oldest, and removed, when the clock has been stepped back",
});

/** Asks for a rotation after `current` was moved away. */
async function rotateWithoutCurrent(rig: TestRig): Promise<{ directory: LogDirectory; logger: Logger }> {
  const directory = logDirectory(rig);
  const logger = await startLogger(rig);
  await feedAndSee(rig, logger, directory, "a\n");
  mkdirSync(rig.path("aside"));
  await rig.run("mv", [directory.file("current"), rig.path("aside")]);
  logger.kill("SIGALRM");
  return { directory, logger };
}

line("LOG-18", "pauses for ever when current has been removed", {
  stock: async (rig) => {
    const { directory, logger } = await rotateWithoutCurrent(rig);
    await logger.says("svlogd: pausing: unable to rename current: log: file does not exist\n", 2);
    expect(directory.names()).toEqual(["lock"]);
  },
  ours: async (rig) => {
    const { directory, logger } = await rotateWithoutCurrent(rig);
    await rig.until("a new current", () => directory.names().includes("current"));
    await feedAndSee(rig, logger, directory, "b\n");
    expect(directory.names()).toEqual(["current", "lock"]);
    expect(await logger.finish()).toMatchObject({
      code: 0,
      stderr: "svlogd: warning: unable to rename current: log: file does not exist\n",
    });
    expect(directory.current()).toBe("b\n");
  },
  instead: "makes current anew when it has been removed",
  because: "somebody who removes a log wants room, not an end of logging",
});

/** The logs that n2 leaves of five processed ones. */
async function keptWithProcessor(rig: TestRig): Promise<string> {
  const directory = logDirectory(rig, "log", "n2", "!cat");
  const logger = await startLogger(rig, ["-v", "log"]);
  for (const number of [1, 2, 3, 4, 5]) {
    await feedAndSee(rig, logger, directory, `${number}\n`);
    await rotate(rig, logger, directory);
    await logger.says("info: processed: ", number);
  }
  expect(await logger.finish()).toMatchObject({ code: 0 });
  return directory.logged();
}

/** Old logs with stamps in the past, which contain their numbers. */
function makeOldLogs(directory: LogDirectory, count: number): void {
  for (let number = 1; number <= count; number += 1) {
    writeFileSync(directory.file(`@4000000068f000000000${String(number).padStart(2, "0")}f4.s`), `${number}\n`);
  }
}

/** How often a process has begun to wait. */
function switches(status: string): number {
  return Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1]);
}
