import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { expect } from "vitest";
import { line, rigTest } from "../rig/core/conformance.ts";
import { type LogDirectory, logDirectory } from "../rig/runit/log-directory.ts";
import { type Logger, count, feedAndSee, log, rotate, startLogger } from "../rig/runit/svlogd.ts";
import { program } from "../rig/core/needs.ts";
import { signalProcess } from "../rig/process/processes.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { umask } from "../rig/process/under.ts";

/** Label of an old log. */
const early = "@4000000068f00000000001f4";
/** A processor that waits for a file `go`, runs what that says, and copies the log. */
const waiting = "!until [ -e go ]; do sleep 0.03; done; . ./go; cat";

line("LOG-21", "does not give a .u that a crash has left to the processor", {
  stock: async (rig) => {
    const { directory, logger } = await startOnLeftOver(rig);
    await feedAndSee(rig, logger, directory, "a\n");
    await rotate(rig, logger, directory);
    await rig.until("another log to be processed", () => directory.oldLogs(".s").length === 1);
    await logger.finish();
    expect(directory.oldLogs().map((name) => [name.slice(-2), directory.content(name)])).toEqual([
      [".u", "left\n"],
      [".s", "processed a\n"],
    ]);
  },
  ours: async (rig) => {
    const { directory } = await startOnLeftOver(rig);
    await rig.until("it to be processed", () => directory.oldLogs().join() === `${early}.s`);
    expect(directory.content(`${early}.s`)).toBe("processed left\n");
    expect(directory.mode(`${early}.s`)).toBe("744");
  },
  instead: "processes at its start what a crash has left",
  because: "who compresses or forwards logs wants all of them",
});

line("LOG-26", "runs the processor by /bin/sh -c in the log directory, with 0, 1, 4 and 5 as its files", {
  test: async (rig) => {
    const directory = logDirectory(rig, "log", "!. ./proc");
    const script = [
      "report=$(tr '\\0' '|' </proc/$$/cmdline; echo; readlink /proc/$$/exe; pwd; echo $MARK",
      "for fd in 0 1 2 4 5; do readlink /proc/$$/fd/$fd; done)",
      'echo "$report" >report; cat; echo it complains >&2',
    ];
    writeFileSync(directory.file("proc"), `${script.join("\n")}\n`);
    const logger = await startLogger(rig, ["log"], { env: { MARK: "of the environment" } });
    await feedAndSee(rig, logger, directory, "a\n");
    await rotate(rig, logger, directory);
    await rig.until("it to be processed", () => directory.oldLogs(".s").length === 1 && !has(directory, ".u"));
    const label = directory.oldLogs()[0]?.slice(0, 25) ?? "";
    const [argv, exe, ...rest] = directory.content("report").trimEnd().split("\n");
    expect(argv).toBe("sh|-c|. ./proc|");
    expect(exe).toMatch(/sh$/);
    expect(rest).toEqual([
      directory.path,
      "of the environment",
      directory.file(`${label}.u`),
      directory.file(`${label}.t`),
      expect.stringMatching(/\/\.rig\/command-\d+\.err$/),
      directory.file("state"),
      directory.file("newstate"),
    ]);
    expect(logger.stderr()).toBe("it complains\n");
  },
});

line("LOG-27", "has the processor's output as .s of mode 0744, and newstate as state for the next run", {
  test: async (rig) => {
    const directory = logDirectory(rig, "log", '!echo "$(cat <&4)+" >&5; echo "state $(cat state)"; cat');
    const logger = await startLogger(rig, ["log"], { under: umask("022") });
    for (const [number, text] of ["a\n", "b\n", "c\n"].entries()) {
      await feedAndSee(rig, logger, directory, text);
      await rotate(rig, logger, directory);
      await rig.until(text, () => directory.oldLogs(".s").length === number + 1 && !has(directory, ".u"));
      await rig.until("the state", () => directory.content("state") === `${"+".repeat(number + 1)}\n`);
    }
    const old = directory.oldLogs();
    expect(old.map((name) => [name.slice(-2), directory.mode(name)])).toEqual(old.map(() => [".s", "744"]));
    expect(old.map((name) => directory.content(name))).toEqual(["state \na\n", "state +\nb\n", "state ++\nc\n"]);
    expect(await logger.finish()).toMatchObject({ code: 0, stderr: "" });
    expect(directory.names()).toEqual([...old, "config", "current", "lock", "state"]);
    expect(directory.mode("state")).toBe("644");
  },
});

line("LOG-27", "removes the log before newstate becomes state, and has nothing forced to the disk", {
  needs: program("strace", "strace"),
  stock: async (rig) => {
    expect(await callsAround(rig)).toEqual(["rename .t", "unlink .u", "rename newstate"]);
  },
  ours: async (rig) => {
    expect(await callsAround(rig)).toEqual(["fsync", "rename .t", "rename newstate", "unlink .u"]);
  },
  instead: "forces the output to the disk, has newstate become state, and then removes the log",
  because: "killed at any moment, it must find the log again, or all that was made of it",
});

line("LOG-28", "says that the processor failed, and restarts it without delay, and takes no other log", {
  stock: async (rig) => {
    const { directory, logger } = await startFailing(rig);
    const before = Date.now();
    await failAgain(logger, 30);
    // With a pause of a second it would have taken longer.
    expect(Date.now() - before).toBeLessThan(25_000);
    logger.kill("SIGALRM");
    await logger.says("info: sigalarm received.\n", 2);
    await failAgain(logger, 20);
    await logger.feed("c\n");
    await failAgain(logger, 60);
    expect(directory.current()).toBe("b\n");
    expect(directory.oldLogs(".u")).toHaveLength(1);
  },
  ours: async (rig) => {
    const directory = logDirectory(rig, "log", "!echo half; date +%s%N >>tries; exit 1");
    const logger = await startLogger(rig);
    await feedAndSee(rig, logger, directory, "a\n");
    await rotate(rig, logger, directory);
    const warning = "svlogd: warning: processor failed, restart: log\n";
    await logger.says(warning);
    await feedAndSee(rig, logger, directory, "b\n");
    await rotate(rig, logger, directory);
    await feedAndSee(rig, logger, directory, "c\n");
    await logger.says(warning, 4);
    const [first = 0, second = 0, third = 0, fourth = 0] = tries(directory);
    expect(second - first).toBeGreaterThan(950);
    expect(third - second).toBeGreaterThan(1950);
    expect(fourth - third).toBeGreaterThan(3950);
    expect(directory.logged()).toBe("a\nb\nc\n");
    expect(directory.oldLogs().map((name) => name.slice(-1))).toEqual(["u", "u"]);
    logger.kill("SIGHUP");
    await rig.until("a fifth try", () => tries(directory).length === 5);
    const [, , , , fifth = 0] = tries(directory);
    expect(fifth - fourth).toBeLessThan(7900);
    expect(logger.stderr()).toMatch(new RegExp(`^(?:${warning}){4,5}$`));
  },
  instead: "says that the processor failed, tries again after 1, 2, 4 s, or on HUP, and logs meanwhile",
  because: "a processor that fails must stop neither the log nor the service",
});

line("LOG-29", "takes a processor that is killed for one that has succeeded", {
  stock: async (rig) => {
    const directory = await processedBy(rig, "!head -c 2; kill -9 $$");
    await rig.until("a log", () => directory.oldLogs(".s").length === 1 && !has(directory, ".u"));
    expect(directory.oldLogs().map((name) => directory.content(name))).toEqual(["12"]);
  },
  ours: async (rig) => {
    const directory = await processedBy(rig, "!echo x >>tries; head -c 2; kill -9 $$");
    await rig.until("a second try", () => directory.content("tries").startsWith("x\nx\n"));
    expect(directory.oldLogs(".s")).toEqual([]);
    expect(directory.oldLogs(".u").map((name) => directory.content(name))).toEqual(["12345\n"]);
  },
  instead: "takes a processor that is killed for one that has failed, and keeps the log",
  because: "the log would be lost",
});

line("LOG-26", "does not rotate while the processor works", {
  stock: async (rig) => {
    const { directory, logger } = await startBusy(rig);
    await feedAndSee(rig, logger, directory, "b\n");
    logger.kill("SIGALRM");
    await logger.says("info: sigalarm received.\n", 2);
    writeFileSync(directory.file("go"), "");
    await logger.says("info: processed: ", 1);
    await logger.says("info: rename: ", 2);
    const said = logger.stderr();
    expect(said.lastIndexOf("info: rename: ")).toBeGreaterThan(said.indexOf("info: processed: "));
  },
  ours: async (rig) => {
    const { directory, logger } = await startBusy(rig);
    for (const text of ["b\n", "c\n"]) {
      await feedAndSee(rig, logger, directory, text);
      await rotate(rig, logger, directory);
    }
    const waitingLogs = directory.oldLogs(".u");
    expect(waitingLogs.map((name) => directory.content(name))).toEqual(["a\n", "b\n", "c\n"]);
    await feedAndSee(rig, logger, directory, "d\n");
    writeFileSync(directory.file("go"), "");
    await logger.says("info: processed: ", 3);
    const order = [...logger.stderr().matchAll(/info: processing: log\/(@\S+)\n/g)].map(([, name]) => name);
    expect(order).toEqual(waitingLogs);
    expect(directory.oldLogs(".s").map((name) => directory.content(name))).toEqual(["a\n", "b\n", "c\n"]);
  },
  instead: "rotates while the processor works; the logs wait, and are processed the oldest first",
  because: "a slow processor must not stop the service",
});

line("LOG-28", "does not end before the processor has succeeded", {
  stock: async (rig) => {
    const directory = logDirectory(rig, "log", "!exit 1");
    const logger = await startLogger(rig);
    await feedAndSee(rig, logger, directory, "a\n");
    await rotate(rig, logger, directory);
    logger.input.end();
    await logger.says("svlogd: warning: processor failed, restart: log\n", 60);
    expect(logger.command.ending).toBeUndefined();
  },
  ours: async (rig) => {
    const directory = logDirectory(rig, "log", "!echo half; exit 1");
    const logger = await startLogger(rig);
    await feedAndSee(rig, logger, directory, "a\n");
    await rotate(rig, logger, directory);
    expect(await logger.finish()).toMatchObject({ code: 0 });
    expect(directory.oldLogs().map((name) => [name.slice(-1), directory.content(name)])).toEqual([["u", "a\n"]]);
  },
  instead: "ends when its input does and the processor fails",
  because: "the log is processed at the next start, and nobody could stop the logger",
});

rigTest("processes all logs that wait when its input ends", ourSuites, async (rig) => {
  const { directory, logger } = await startBusy(rig);
  for (const text of ["b\n", "c\n"]) {
    await feedAndSee(rig, logger, directory, text);
    await rotate(rig, logger, directory);
  }
  logger.input.end();
  await logger.says("info: close: log\n");
  writeFileSync(directory.file("go"), "");
  expect(await logger.result()).toMatchObject({ code: 0 });
  expect(directory.oldLogs().map((name) => [name.slice(-1), directory.content(name)])).toEqual([
    ["s", "a\n"],
    ["s", "b\n"],
    ["s", "c\n"],
  ]);
});

rigTest(
  "on TERM waits for the processor that works, and leaves the other logs to the next start",
  ourSuites,
  async (rig) => {
    const { directory, logger } = await startBusy(rig);
    await feedAndSee(rig, logger, directory, "b\n");
    await rotate(rig, logger, directory);
    await feedAndSee(rig, logger, directory, "c\n");
    logger.kill("SIGTERM");
    await logger.says("info: close: log\n");
    writeFileSync(directory.file("go"), "");
    expect(await logger.result()).toMatchObject({ code: 0 });
    expect(directory.oldLogs().map((name) => [name.slice(-1), directory.content(name)])).toEqual([
      ["s", "a\n"],
      ["u", "b\n"],
    ]);
    expect([directory.current(), directory.mode("current")]).toEqual(["c\n", "744"]);
    await log(rig, "");
    expect(directory.oldLogs(".s").map((name) => directory.content(name))).toEqual(["a\n", "b\n"]);
  },
);

rigTest("does not remove the log that is being processed, though there are too many", ourSuites, async (rig) => {
  const { directory, logger } = await startBusy(rig, "n2");
  for (const text of ["b\n", "c\n", "d\n"]) {
    await feedAndSee(rig, logger, directory, text);
    await rotate(rig, logger, directory);
  }
  await rig.until("all but two to be removed", () => directory.oldLogs(".u").length === 2);
  expect(directory.oldLogs(".u").map((name) => directory.content(name))).toEqual(["a\n", "d\n"]);
  writeFileSync(directory.file("go"), "");
  expect(await logger.finish()).toMatchObject({ code: 0 });
  expect(directory.oldLogs(".s").map((name) => directory.content(name))).toEqual(["a\n", "d\n"]);
});

for (const [command, decompress] of [
  ["gzip", gunzipSync],
  ["zstd", zstdDecompressSync],
] as const) {
  rigTest(`compresses old logs itself with !${command}`, ourSuites, async (rig) => {
    const directory = logDirectory(rig, "log", `!${command}`, "s2000", "n0");
    const text = "a line that is repeated\n".repeat(1000);
    expect(await log(rig, text, ["-l", "100", "log"])).toMatchObject({ code: 0, stderr: "" });
    expect(directory.oldLogs(".u")).toEqual([]);
    const old = directory.oldLogs(".s").map((name) => decompress(readFileSync(directory.file(name))).toString());
    expect(old.length).toBeGreaterThan(10);
    expect(old.join("") + directory.current()).toBe(text);
  });
}

line("LOG-38", "stays in the loop of a failing processor over HUP", {
  stock: async (rig) => {
    const { directory, logger } = await startFailing(rig);
    // The next rotation waits for the processor.
    logger.kill("SIGALRM");
    await logger.says("info: sigalarm received.\n", 2);
    await failAgain(logger, 20);
    directory.configure("n5");
    logger.kill("SIGHUP");
    await logger.feed("behind HUP\n");
    await failAgain(logger, 200);
    expect(logger.stderr()).not.toContain("append: log/current");
    expect(directory.logged()).not.toContain("behind HUP");
  },
  ours: async (rig) => {
    const { directory, logger } = await startFailing(rig);
    await rotate(rig, logger, directory);
    directory.configure("n5", "!cat");
    logger.kill("SIGHUP");
    await logger.feed("behind HUP\n");
    await rig.until("the logs to be processed", () => directory.oldLogs(".s").length === 2 && !has(directory, ".u"));
    await rig.until("the line", () => directory.current() === "behind HUP\n");
    expect(directory.oldLogs().map((name) => directory.content(name))).toEqual(["a\n", "b\n"]);
  },
  instead: "takes another processor on HUP for the logs that one has failed for",
  because: "whoever has mended it wants to see that it is mended",
});

async function startOnLeftOver(rig: TestRig): Promise<{ readonly directory: LogDirectory; readonly logger: Logger }> {
  const directory = logDirectory(rig, "log", "!sed 's/^/processed /'");
  writeFileSync(directory.file(`${early}.u`), "left\n");
  return { directory, logger: await startLogger(rig) };
}

async function processedBy(rig: TestRig, setting: string): Promise<LogDirectory> {
  const directory = logDirectory(rig, "log", setting);
  const logger = await startLogger(rig);
  await feedAndSee(rig, logger, directory, "12345\n");
  await rotate(rig, logger, directory);
  return directory;
}

/** Starts svlogd; the processor works on a first log. */
async function startBusy(
  rig: TestRig,
  ...settings: readonly string[]
): Promise<{ readonly directory: LogDirectory; readonly logger: Logger }> {
  const directory = logDirectory(rig, "log", waiting, ...settings);
  const logger = await startLogger(rig, ["-v", "log"]);
  await feedAndSee(rig, logger, directory, "a\n");
  await rotate(rig, logger, directory);
  await logger.says("info: processing: ");
  return { directory, logger };
}

/** Starts svlogd; the processor has failed for a first log, and `current` holds a line. */
async function startFailing(rig: TestRig): Promise<{ readonly directory: LogDirectory; readonly logger: Logger }> {
  const directory = logDirectory(rig, "log", "n5", "!exit 1");
  const logger = await startLogger(rig, ["-v", "log"]);
  await feedAndSee(rig, logger, directory, "a\n");
  await rotate(rig, logger, directory);
  await logger.says("info: processing: ");
  await feedAndSee(rig, logger, directory, "b\n");
  return { directory, logger };
}

async function failAgain(logger: Logger, times: number): Promise<void> {
  const failure = "svlogd: warning: processor failed, restart: log\n";
  await logger.says(failure, count(logger.stderr(), failure) + times);
}

function has(directory: LogDirectory, ending: string): boolean {
  return directory.oldLogs(ending).length > 0;
}

/** When a processor ran, in milliseconds. */
function tries(directory: LogDirectory): readonly number[] {
  return [...directory.content("tries").matchAll(/^(\d+)\n/gm)].map(([, nanoseconds]) => Number(nanoseconds) / 1e6);
}

/** What svlogd does to the files of a log between the start of the processor and its next wait. */
async function callsAround(rig: TestRig): Promise<readonly string[]> {
  const directory = logDirectory(rig, "log", "!cat; echo x >&5");
  const trace = rig.path("trace");
  const calls = "trace=fsync,rename,renameat,renameat2,unlink,unlinkat";
  const under = ["strace", "-f", "-q", "-y", "-o", trace, "-e", calls];
  const logger = await startLogger(rig, ["log"], { under });
  await feedAndSee(rig, logger, directory, "a\n");
  const { pid } = await rig.until("the process", () => tracee(rig, logger));
  signalProcess(pid, "SIGALRM");
  await rig.until("the log", () => directory.oldLogs(".s").length === 1 && !has(directory, ".u"));
  await rig.until("the state", () => directory.content("state") === "x\n");
  await rig.until("the trace", () => rig.read(trace).includes('"state")') || /newstate".*state"/.test(rig.read(trace)));
  const made = rig.read(trace).split("\n");
  const isRename = (text: string): boolean => text.includes(".u") && text.includes("current");
  const names: readonly (readonly [RegExp, string])[] = [
    [/ fsync\(.*\.t>/, "fsync"],
    [/ rename.*\.t".*\.s"/, "rename .t"],
    [/ rename.*newstate".*state"/, "rename newstate"],
    [/ unlink.*\.u"/, "unlink .u"],
  ];
  return made
    .slice(made.findIndex(isRename) + 1)
    .flatMap((call) => names.filter(([pattern]) => pattern.test(call)).map(([, name]) => name));
}

/** The process that strace runs. */
function tracee(rig: TestRig, { command }: Logger): { readonly pid: number } | undefined {
  const children = rig.read(`/proc/${command.pid}/task/${command.pid}/children`).trim();
  return children === "" ? undefined : { pid: Number(children.split(" ")[0]) };
}
