import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { isAlive, openFiles, processState, signalProcess, childrenOf, commandLine } from "../rig/process/processes.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import { countLines, runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { mixedSuite, node, ourSuites, allSuites, stock } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { program } from "../rig/core/needs.ts";
import { nobody, root, user } from "../rig/process/under.ts";

/** In front of a command: it becomes process 1 of a container without anything else. */
const asProcessOne = ["unshare", "--pid", "--fork", "--mount-proc"] as const;

// ---------------------------------------------------------------------------------------------- orderly stop

rigTest(
  "with --orderly, TERM stops all services and waits for the last one, starting nothing meanwhile",
  ourSuites,
  async (rig) => {
    const web = rig.service("web");
    const db = rig.service("db", { run: ["trap TERM"], log: {} });
    const runsvdir = startRunsvdir(rig, { words: ["--orderly", "--stop-timeout", "1000"] });
    await allStarted(web, db);
    await db.log.run.started();
    runsvdir.kill("SIGTERM");
    await db.run.signalled("TERM");
    const late = rig.service("late");
    await rig.until("a word about whom it waits for", () => countLines(runsvdir, warning(rig, "waiting for db")) > 0);
    await runsvToBe(rig, runsvdir.pid, "db");
    expect(runsvdir.ending).toBeUndefined();
    await db.run.exit(0);
    expect(await rig.result(runsvdir)).toMatchObject({ code: 0, stdout: "" });
    expect([web, db].flatMap(({ run }) => run.starts()).some(({ pid }) => isAlive(pid))).toBe(false);
    expect(late.run.starts()).toEqual([]);
  },
);

for (const signal of ["SIGHUP", "SIGINT"] as const) {
  rigTest(`with --orderly, ${signal} stops all services, too`, ourSuites, async (rig) => {
    const web = rig.service("web");
    const runsvdir = startRunsvdir(rig, { words: ["--orderly"] });
    const { pid } = await web.run.started();
    runsvdir.kill(signal);
    await expectEnd(rig, runsvdir, []);
    expect(isAlive(pid)).toBe(false);
  });
}

rigTest("an orderly stop kills at its time-out the services that do not end", ourSuites, async (rig) => {
  const deaf = rig.service("deaf", { run: ["ignore TERM"] });
  const runsvdir = startRunsvdir(rig, { words: ["--orderly", "--stop-timeout", "1"] });
  const { pid } = await deaf.run.started();
  runsvdir.kill("SIGTERM");
  await expectEnd(rig, runsvdir, [warning(rig, "unable to stop deaf in time, sending kill")]);
  expect(isAlive(pid)).toBe(false);
});

rigTest("a later signal shortens an orderly stop, one right after the first does not", ourSuites, async (rig) => {
  const deaf = rig.service("deaf", { run: ["trap TERM"] });
  const runsvdir = startRunsvdir(rig, { words: ["--orderly", "--stop-timeout", "1000"] });
  const { pid } = await deaf.run.started();
  runsvdir.kill("SIGTERM");
  runsvdir.kill("SIGINT");
  await deaf.run.signalled("TERM");
  const waiting = warning(rig, "waiting for deaf");
  await rig.until("a word about who is waited for", () => runsvdir.stderr().includes(waiting));
  runsvdir.kill("SIGINT");
  await expectEnd(rig, runsvdir, [warning(rig, "unable to stop deaf in time, sending kill")]);
  expect(isAlive(pid)).toBe(false);
});

rigTest("an orderly stop ends even if a runsv does not", ourSuites, async (rig) => {
  const service = rig.service("stuck");
  const runsvdir = startRunsvdir(rig, { words: ["--orderly", "--stop-timeout", "0"] });
  const { stuck = 0 } = await runsvToBe(rig, runsvdir.pid, "stuck");
  // Before it has a handler, TERM would end even a stopped process.
  await service.run.started();
  signalProcess(stuck, "SIGSTOP");
  runsvdir.kill("SIGTERM");
  const { code, stderr } = await rig.result(runsvdir);
  expect([code, stderr]).toEqual([0, expect.stringContaining(warning(rig, "unable to stop stuck, killing runsv"))]);
  await rig.until("the end of runsv", () => !isAlive(stuck));
});

rigTest("an orderly stop without services ends at once", ourSuites, async (rig) => {
  const runsvdir = startRunsvdir(rig, { words: ["--orderly"] });
  await rig.until("the guard", () => rig.exists(rig.path("service/.runsvdir/holder.json")));
  runsvdir.kill("SIGTERM");
  await expectEnd(rig, runsvdir, []);
});

rigTest(
  "as process 1, TERM stops all services, and the exit code is 0",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", { log: {} });
    const db = rig.service("db");
    const unshare = startRunsvdir(rig, { under: asProcessOne });
    await allStarted(web, db);
    signalProcess(await onlyChild(rig, unshare), "SIGTERM");
    await expectEnd(rig, unshare, []);
    expect([web, db].map(({ supervise }) => supervise.stat())).toEqual(["down", "down"]);
  },
  { needs: root },
);

rigTest(
  "as process 1 it reaps the orphans that it adopts",
  ourSuites,
  async (rig) => {
    // A process 1 that does not: what this test looks for would be seen.
    const careless = rig.start("sh", ["-c", `${orphans} exec sleep 1000`], { under: asProcessOne });
    const sleeper = await onlyChild(rig, careless);
    // The shell before it would reap some.
    await rig.until("the sleeper", () => commandLine(sleeper).join(" ") === "sleep 1000");
    await killOrphans(rig, sleeper);
    await rig.until("zombies", () => childrenOf(sleeper).filter(isZombie).length === 20);
    signalProcess(sleeper, "SIGKILL");

    rig.service("web", { run: { text: `#!/bin/sh\n${orphans} exec sleep 1000\n` } });
    const unshare = startRunsvdir(rig, { under: asProcessOne });
    const one = await onlyChild(rig, unshare);
    await killOrphans(rig, one);
    // The one that is left is runsv.
    await rig.until("all orphans to be gone", () => childrenOf(one).length === 1);
    signalProcess(one, "SIGTERM");
    expect((await rig.result(unshare)).code).toBe(0);
  },
  { needs: root },
);

rigTest("Ctrl-C on its terminal stops all services, and the exit code is 0", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["trap TERM"] });
  await rig.run("mkfifo", [rig.path("keyboard")]);
  const keyboard = openSync(rig.path("keyboard"), constants.O_RDWR);
  try {
    const command = `exec runsvdir ${rig.services}`;
    const terminal = rig.start("script", ["-qefc", command, "/dev/null"], { stdin: keyboard });
    const { pid } = await web.run.started();
    writeSync(keyboard, "\u0003");
    await web.run.signalled("TERM");
    expect(isAlive(pid)).toBe(true);
    await web.run.exit(0);
    expect((await rig.result(terminal)).code).toBe(0);
    expect(web.supervise.stat()).toBe("down");
  } finally {
    closeSync(keyboard);
  }
});

rigTest("INT from elsewhere ends it as runit, and leaves every runsv running", allSuites, async (rig) => {
  const web = rig.service("web");
  const runsvdir = startRunsvdir(rig);
  const { web: runsv = 0 } = await runsvToBe(rig, runsvdir.pid, "web");
  await web.run.started();
  runsvdir.kill("SIGINT");
  expect((await rig.result(runsvdir)).signal).toBe("SIGINT");
  expect(isAlive(runsv)).toBe(true);
});

rigTest(
  "pidof finds it by its name",
  allSuites,
  async (rig) => {
    rig.service("web");
    const { pid } = startRunsvdir(rig, { words: ["-P"], log: "log: ............" });
    await runsvToBe(rig, pid, "web");
    expect((await rig.run("pidof", ["runsvdir"])).stdout.trim().split(" ")).toContain(`${pid}`);
    expect(commandLine(pid).slice(-2)).toEqual([rig.services, "log: ............"]);
  },
  { needs: program("pidof", "sysvinit-utils") },
);

rigTest("a Node that is too old is named in one sentence", [node], async (rig) => {
  const old = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } })`;
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(old)}` };
  for (const [name, code] of [
    ["runsvdir", 100],
    ["runsv", 111],
    ["sv", 100],
    ["svlogd", 111],
  ] as const) {
    const { stderr, ...result } = await rig.run(name, ["x"], { env });
    expect(result).toMatchObject({ code, stdout: "" });
    expect(stderr).toMatch(
      new RegExp(`^${name}: fatal: Node 22\\.22 or later is needed, this is 20\\.20\\.2 \\(.*\\)\\n$`),
    );
  }
});

rigTest("USR1 ends it", allSuites, async (rig) => {
  const runsvdir = startRunsvdir(rig);
  rig.service("web");
  await runsvToBe(rig, runsvdir.pid, "web");
  runsvdir.kill("SIGUSR1");
  expect((await rig.result(runsvdir)).signal).toBe("SIGUSR1");
});

// ------------------------------------------------------------------------------------------------- the guard

rigTest("takes a directory over at once from a runsvdir that was killed", ourSuites, async (rig) => {
  const web = rig.service("web");
  const first = startRunsvdir(rig);
  const { web: runsv = 0 } = await runsvToBe(rig, first.pid, "web");
  await web.run.started();
  first.kill("SIGKILL");
  await rig.result(first);
  web.supervise.control("x");
  await rig.until("the old runsv to go", () => !isAlive(runsv));
  const second = startRunsvdir(rig);
  await runsvToBe(rig, second.pid, "web");
  await web.run.started(2);
  expect(second.stderr()).toBe("");
});

rigTest("of many started at once on a directory that a killed one left, one gets it", ourSuites, async (rig) => {
  rig.service("web");
  const killed = startRunsvdir(rig);
  await runsvToBe(rig, killed.pid, "web");
  killed.kill("SIGKILL");
  await rig.result(killed);
  const many = Array.from({ length: 6 }, () => startRunsvdir(rig));
  const losers = await rig.until("five to be refused", () => {
    const gone = many.filter(({ ending }) => ending !== undefined);
    return gone.length === many.length - 1 && gone;
  });
  const winner = many.find(({ ending }) => ending === undefined);
  expect(losers.map(({ ending }) => ending?.code)).toEqual(losers.map(() => 100));
  expect(losers.map((loser) => loser.stderr())).toEqual(
    losers.map(() => expect.stringContaining(`already taken by another runsvdir (pid ${winner?.pid})\n`)),
  );
  expect(rig.read(rig.path("service/.runsvdir/holder.json"))).toContain(`"pid":${winner?.pid},`);
});

rigTest("gives the directory back whenever it ends", ourSuites, async (rig) => {
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) {
    const runsvdir = startRunsvdir(rig);
    await rig.until("the guard", () => rig.exists(rig.path("service/.runsvdir/holder.json")));
    runsvdir.kill(signal);
    await rig.result(runsvdir);
    expect(rig.exists(rig.path("service/.runsvdir/holder.json"))).toBe(false);
    expect(rig.exists(rig.path("service/.runsvdir/lock"))).toBe(false);
  }
});

rigTest(
  "waits, with a warning, for a directory that its link leads to and another runsvdir has",
  ourSuites,
  async (rig) => {
    const [one, two] = ["one", "two"].map((name) => rig.path(name)) as [string, string];
    for (const directory of [one, two]) mkdirSync(directory);
    const old = rig.service("old", {}, one);
    const fresh = rig.service("fresh", {}, two);
    symlinkSync("one", rig.path("current"));
    const other = startRunsvdir(rig, { directory: two });
    await fresh.run.started();
    const runsvdir = startRunsvdir(rig, { directory: rig.path("current") });
    const before = await runsvToBe(rig, runsvdir.pid, "old");
    await old.run.started();
    symlinkSync("two", rig.path("current.new"));
    renameSync(rig.path("current.new"), rig.path("current"));
    const message = `unable to take scan directory: already taken by another runsvdir (pid ${other.pid})`;
    await rig.until("the warning", () => countLines(runsvdir, warning(rig, message, rig.path("current"))) === 1);
    expect(await runsvToBe(rig, runsvdir.pid, "old")).toEqual(before);
    other.kill("SIGHUP");
    await rig.result(other);
    await runsvToBe(rig, runsvdir.pid, "fresh");
    await fresh.run.started(2);
    await old.stat("down");
  },
);

rigTest(
  "supervises a read-only scan directory, without a word",
  ourSuites,
  async (rig) => {
    mkdirSync(rig.path("available"));
    const web = rig.service("web", {}, rig.path("available"));
    symlinkSync("../available/web", rig.path("service/web"));
    const readOnly = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"';
    const under = ["unshare", "--mount", "sh", "-c", readOnly, rig.services];
    const runsvdir = startRunsvdir(rig, { under, env: { UPKEEP_RUNDIR: rig.path("state") } });
    await web.run.started();
    symlinkSync("nowhere", rig.path("service/dangling"));
    await rig.until("a scan", () => runsvdir.stderr() !== "");
    expect(runsvdir.stderr()).toBe(`${warning(rig, "unable to stat dangling: file does not exist")}\n`);
    expect(rig.exists(rig.path("service/.runsvdir"))).toBe(false);
  },
  { needs: root },
);

rigTest(
  "supervises somebody else's scan directory, without a word",
  ourSuites,
  async (rig) => {
    mkdirSync(rig.path("available"));
    const web = rig.service("web", {}, rig.path("available"));
    await rig.run("chown", [`${nobody}`, web.path]);
    symlinkSync("../available/web", rig.path("service/web"));
    const runsvdir = startRunsvdir(rig, { under: user(nobody, nobody), env: { TMPDIR: web.path } });
    const { uid } = await web.run.started();
    expect([uid, runsvdir.stderr()]).toEqual([nobody, ""]);
  },
  { needs: root },
);

// ---------------------------------------------------------------------------------------- the scan directory

rigTest("finds a scan directory again that is removed and made anew, each time", ourSuites, async (rig) => {
  const directory = rig.path("scanned");
  mkdirSync(directory);
  const { pid } = startRunsvdir(rig, { directory });
  for (const name of ["one", "two", "three"]) {
    rig.service(name, {}, directory);
    await runsvToBe(rig, pid, name);
    // A runsv may still be making its files.
    rmSync(directory, { recursive: true, force: true, maxRetries: 20 });
    mkdirSync(directory);
  }
  rig.service("four", {}, directory);
  await runsvToBe(rig, pid, "four");
  rig.service("five", {}, directory);
  await runsvToBe(rig, pid, "four", "five");
});

rigTest("goes on with a rescan every 5 s where nothing can be watched, and says so once", ourSuites, async (rig) => {
  const web = rig.service("web");
  const unwatched = 'echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"';
  const runsvdir = startRunsvdir(rig, { under: ["unshare", "--user", "--map-root-user", "sh", "-c", unwatched, "sh"] });
  await web.run.started();
  const message = warning(rig, `unable to watch ${rig.services}, rescanning: process cannot open more files`);
  await rig.until("the warning", () => countLines(runsvdir, message) === 1);
  const late = rig.service("late");
  await late.run.started();
  renameSync(rig.path("service/late"), rig.path("away"));
  await runsvToBe(rig, runsvdir.pid, "web");
  expect(linesOf(runsvdir)).toBe(1);
});

rigTest("forgets no service while it cannot read the directory for lack of descriptors", ourSuites, async (rig) => {
  rig.service("web");
  const runsvdir = startRunsvdir(rig);
  const before = await runsvToBe(rig, runsvdir.pid, "web");
  await rig.until("the watch", () => isWatching(runsvdir.pid));
  await rig.run("prlimit", ["--pid", `${runsvdir.pid}`, "--nofile=3:1024"]);
  rig.service("late");
  const message = warning(rig, `unable to open directory ${rig.services}: process cannot open more files`);
  await rig.until("the warning", () => countLines(runsvdir, message) === 1);
  expect(await runsvToBe(rig, runsvdir.pid, "web")).toEqual(before);
  await rig.run("prlimit", ["--pid", `${runsvdir.pid}`, "--nofile=1024:1024"]);
  expect(await runsvToBe(rig, runsvdir.pid, "web", "late")).toMatchObject(before);
  expect(runsvdir.stderr()).toBe(`${message}\n`);
});

rigTest(
  "waits for the runsv of an entry that was removed before it starts one for the same entry again",
  ourSuites,
  async (rig) => {
    mkdirSync(rig.path("available"));
    const web = rig.service("web", { run: ["trap TERM"] }, rig.path("available"));
    const link = rig.path("service/web");
    symlinkSync("../available/web", link);
    const runsvdir = startRunsvdir(rig);
    await web.run.started();
    rmSync(link);
    await web.run.signalled("TERM");
    symlinkSync("../available/web", link);
    rig.service("sentinel");
    await runsvToBe(rig, runsvdir.pid, "web", "sentinel");
    await web.run.exit(0);
    await web.run.started(2);
    expect(runsvdir.stderr()).toBe("");
  },
);

rigTest("starts services whose names have blanks, other letters or a dash in front", ourSuites, async (rig) => {
  const names = ["a b", "äöü", "-x", "--", "two\nlines"];
  const services = names.map((name) => rig.service(name));
  const runsvdir = startRunsvdir(rig);
  for (const service of services) await service.run.started();
  expect(runsvdir.stderr()).toBe("");
});

// ------------------------------------------------------------------------------------------- starting runsv

rigTest("takes the runsv beside it where PATH has none", ourSuites, async (rig) => {
  const web = rig.service("web");
  const PATH = rig.suite === node ? dirname(process.execPath) : "/nonexistent";
  const runsvdir = rig.start(rig.suite.command("runsvdir"), [rig.services], { env: { PATH } });
  await runsvToBe(rig, runsvdir.pid, "web");
  await rig.until("runsv to supervise", () => web.supervise.isSupervised());
  expect(runsvdir.stderr()).toBe("");
});

rigTest("says once that runsv cannot be executed, and goes on trying", ourSuites, async (rig) => {
  rig.service("web");
  mkdirSync(rig.path("bin"));
  writeFileSync(rig.path("bin/runsv"), "no program\n", { mode: 0o755 });
  const runsvdir = startRunsvdir(rig, { env: { PATH: `${rig.path("bin")}:${rig.suite.path}` } });
  const message = `runsvdir ${rig.services}: fatal: unable to start runsv web: exec format error`;
  await rig.until("the message", () => countLines(runsvdir, message) === 1);
  rmSync(rig.path("bin/runsv"));
  await runsvToBe(rig, runsvdir.pid, "web");
  expect(runsvdir.stderr()).toBe(`${message}\n`);
});

rigTest(
  "says once that it cannot fork, and goes on trying",
  ourSuites,
  async (rig) => {
    const asNobody = { under: user(nobody, nobody) };
    const web = rig.service("web");
    await rig.run("chown", ["-R", `${nobody}`, rig.services]);
    const runsvdir = startRunsvdir(rig, asNobody);
    await web.run.started();
    // Root may have as many processes as it likes.
    await rig.run("prlimit", ["--pid", `${runsvdir.pid}`, "--nproc=0:"], asNobody);
    mkdirSync(rig.path("service/late"));
    const message = warning(rig, "unable to fork for late: temporary failure");
    await rig.until("the message", () => countLines(runsvdir, message) === 1);
    await rig.run("prlimit", ["--pid", `${runsvdir.pid}`, "--nproc=1000:"], asNobody);
    await runsvToBe(rig, runsvdir.pid, "web", "late");
  },
  { needs: root },
);

rigTest("gives runsv its own environment and descriptors, and nothing else", ourSuites, async (rig) => {
  const fake = rig.service("fake", {}, rig.root);
  mkdirSync(rig.path("bin"));
  symlinkSync(fake.run.path, rig.path("bin/runsv"));
  mkdirSync(rig.path("service/web"));
  const PATH = `${rig.path("bin")}:${rig.suite.path}`;
  const given = rig.service("given", {}, rig.root);
  rig.start("./run", [], { cwd: given.path, env: { PATH, ODD: "two\nlines = odd" } });
  const direct = await given.run.started();
  const runsvdir = startRunsvdir(rig, { env: { PATH, ODD: "two\nlines = odd" } });
  const { env, fds, ppid, blockedSignals, ignoredSignals } = await fake.run.started();
  expect(env).toEqual(direct.env);
  // Bun does not hand on what it does not know, Node does.
  expect(Object.keys(direct.fds)).toEqual(expect.arrayContaining(Object.keys(fds)));
  expect([ppid, blockedSignals]).toEqual([runsvdir.pid, "0000000000000000"]);
  expect(ignoredSignals).toBe(direct.ignoredSignals);
});

rigTest("blocks no service that floods its standard error, with a log", ourSuites, async (rig) => {
  const flood = "#!/bin/sh\nyes flood | head -c 2000000 >&2\necho done\nexec sleep 1000\n";
  rig.service("web", { run: { text: flood } });
  const runsvdir = startRunsvdir(rig, { log: `log: ${".".repeat(40)}` });
  await rig.until("all to be written", () => runsvdir.stdout() === "done\n");
});

// ---------------------------------------------------------------------------------------------- command line

rigTest("answers --help and --version", ourSuites, async (rig) => {
  const help = await rig.run("runsvdir", ["--help"]);
  expect(help).toMatchObject({ code: 0, stderr: "" });
  expect(help.stdout).toContain("--stop-timeout");
  expect(await rig.run("runsvdir", ["--version"])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^runsvdir \d/),
  });
});

rigTest("refuses a long option that it does not know, and a time-out that is no number", ourSuites, async (rig) => {
  for (const words of [["--ordely", "d"], ["--stop-timeout", "soon", "d"], ["--orderly"]]) {
    const { code, stdout, stderr } = await rig.run("runsvdir", words);
    expect([code, stdout, stderr]).toEqual([1, "", expect.stringContaining("usage: runsvdir [-P] dir\n\n")]);
  }
});

// ------------------------------------------------------------------------------------------- beside runit's

const crossed = [
  mixedSuite("our runsvdir, stock runsv", ourSuites[0] ?? stock, { runsv: stock }),
  mixedSuite("stock runsvdir, our runsv", stock, { runsv: ourSuites[0] ?? stock }),
];

rigTest("starts, replaces and ends the other suite's runsv", crossed, async (rig) => {
  const web = rig.service("web");
  const runsvdir = startRunsvdir(rig);
  const { env } = await web.run.started();
  expect(env).toEqual(rig.environment);
  const { web: first = 0 } = await runsvToBe(rig, runsvdir.pid, "web");
  web.supervise.control("x");
  await rig.until("another runsv", async () => (await runsvToBe(rig, runsvdir.pid, "web"))["web"] !== first);
  await web.run.started(2);
  runsvdir.kill("SIGHUP");
  expect((await rig.result(runsvdir)).code).toBe(111);
  await rig.until("runsv to go", () => !web.supervise.isSupervised());
});

/** Words of a shell that make 20 orphans. */
const orphans = "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do (sleep 999 &); done;";

/** Waits until the orphans are children of `adopter`, and kills them. */
async function killOrphans(rig: TestRig, adopter: number): Promise<void> {
  const found = await rig.until("20 orphans", () => {
    const sleepers = childrenOf(adopter).filter((child) => commandLine(child).join(" ") === "sleep 999");
    return sleepers.length === 20 && sleepers;
  });
  for (const orphan of found) signalProcess(orphan, "SIGKILL");
}

/** Waits for its end by its own will, and what it has said but for whom it waited for: that takes a slow machine. */
async function expectEnd(rig: TestRig, command: RunningCommand, said: readonly string[]): Promise<void> {
  const { stderr, ...end } = await rig.result(command);
  expect(end).toEqual({ code: 0, signal: undefined, stdout: "" });
  const waiting = warning(rig, "waiting for ");
  expect(stderr.split("\n").filter((line) => line !== "" && !line.startsWith(waiting))).toEqual(said);
}

async function allStarted(...services: readonly ScriptedService[]): Promise<void> {
  for (const { run } of services) await run.started();
}

function warning(rig: TestRig, text: string, directory: string = rig.services): string {
  return `runsvdir ${directory}: warning: ${text}`;
}

function linesOf(command: RunningCommand): number {
  return command.stderr().split("\n").length - 1;
}

async function onlyChild(rig: TestRig, parent: RunningCommand): Promise<number> {
  return await rig.until("a child of unshare", () => childrenOf(parent.pid)[0]);
}

/** Whether it has the kernel tell it of changes in directories. */
function isWatching(pid: number): boolean {
  return openFiles(pid).includes("anon_inode:inotify");
}

function isZombie(pid: number): boolean {
  return processState(pid) === "Z";
}
