/* How runsvdir starts each runsv, and what it answers on its command line. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { countLines, notInline, runsvdirWarning, runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";
import { inline, mixedSuite, node, ourSuites, stock } from "../rig/core/suites.ts";
import { nobody, root, user } from "../rig/process/under.ts";

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
  const more = rig.suite === inline ? `${runsvdirWarning(rig, notInline(rig.path("bin/runsv")))}\n` : "";
  expect(runsvdir.stderr()).toBe(`${more}${message}\n`);
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
    // For root there is no limit of processes.
    await rig.run("prlimit", ["--pid", `${runsvdir.pid}`, "--nproc=0:"], asNobody);
    mkdirSync(rig.path("service/late"));
    const message = runsvdirWarning(rig, "unable to fork for late: temporary failure");
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
  // Bun does not pass unknown descriptors on, Node does.
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
