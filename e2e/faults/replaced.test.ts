/* Directories that are replaced below a running runsv: it goes on in the new one at the next start. */
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { shellScript } from "../rig/core/files.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { allSuites, ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { isAlive, signalProcess } from "../rig/process/processes.ts";
import { runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";
import { stateJson } from "../rig/runit/state-json.ts";
import { sv } from "../rig/runit/sv.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";

/** A logger that notes its lines in a file of the rig. */
const logger = (file: string) => ({ text: shellScript(`exec perl -pe '$| = 1' >>${file}`) });

/** A directory with a run, in the place of another. */
function replace(path: string, run: string): void {
  mkdirSync(`${path}.new`);
  writeFileSync(`${path}.new/run`, run, { mode: 0o755 });
  renameSync(path, `${path}.old`);
  renameSync(`${path}.new`, path);
}

rigTest("a log/ that is replaced gets the next logger, and the lines", allSuites, async (rig) => {
  const [first, second] = [rig.path("first"), rig.path("second")];
  const web = rig.service("web", { run: [], log: { run: logger(first) } });
  const runsv = await rig.runsv(web);
  await web.run.started();
  await web.run.tell("line one");
  await rig.until("a line", () => rig.read(first) === "one\n");
  const pid = await rig.until("the pid of the logger", () => web.log.supervise.pid());
  replace(web.file("log"), logger(second).text);
  signalProcess(pid, "SIGTERM");
  // It must not take the next line with it.
  await rig.until("the end of the logger", () => !isAlive(pid));
  await web.run.tell("line two");
  await rig.until("the line in the new directory", () => rig.read(second) === "two\n");
  if (!rig.suite.ours) return;
  const warnings = "runsv web: warning: ./log has been replaced: going on with the new one\n";
  await rig.until("its state", () => web.log.supervise.isSupervised() && (web.log.supervise.pid() ?? 0) > 0);
  expect(runsv.stderr()).toBe(warnings);
  expect((await sv(rig, ["restart", "web/log"])).code).toBe(0);
  await web.run.tell("line three");
  await rig.until("the line of the third logger", () => rig.read(second) === "two\nthree\n");
  expect((await sv(rig, ["exit", "web"])).code).toBe(0);
  expect((await rig.result(runsv)).code).toBe(0);
  expect(runsv.stderr()).toBe(warnings);
});

rigTest("a log that is a link which leads elsewhere gets the next logger", allSuites, async (rig) => {
  const [first, second] = [rig.path("first"), rig.path("second")];
  const web = rig.service("web", { run: [] });
  for (const [name, file] of Object.entries({ one: first, two: second })) {
    mkdirSync(web.file(name));
    writeFileSync(web.file(`${name}/run`), logger(file).text, { mode: 0o755 });
  }
  symlinkSync("one", web.file("log"));
  await rig.runsv(web);
  await web.run.started();
  await web.run.tell("line one");
  await rig.until("a line", () => rig.read(first) === "one\n");
  const pid = await rig.until("the pid of the logger", () => web.log.supervise.pid());
  symlinkSync("two", web.file("log.new"));
  renameSync(web.file("log.new"), web.file("log"));
  signalProcess(pid, "SIGTERM");
  // It must not take the next line with it.
  await rig.until("the end of the logger", () => !isAlive(pid));
  await web.run.tell("line two");
  await rig.until("the line in the new directory", () => rig.read(second) === "two\n");
});

rigTest(
  "a service directory that is made anew is gone on with, and its state is carried along",
  ourSuites,
  async (rig) => {
    for (const isLinked of [true, false]) {
      const name = isLinked ? "linked" : "plain";
      const web = rig.service(name, { run: [] });
      const state = rig.path("state", name);
      mkdirSync(rig.path("state"), { recursive: true });
      if (isLinked) symlinkSync(state, web.file("supervise"));
      const runsv = await rig.runsv(web);
      const { pid } = await web.run.started();
      await rig.until("the state to be on record", () => web.supervise.isOnRecord());
      replace(web.path, shellScript(`echo $$ >>${pidsOf(rig, name)}`, "exec sleep 1000"));
      if (isLinked) symlinkSync(state, web.file("supervise"));
      signalProcess(pid, "SIGTERM");
      const next = await rig.until("the new run", () => {
        const found = web.supervise.isSupervised() ? web.supervise.pid() : pid;
        return found !== pid && found;
      });
      await rig.until("its note", () => rig.read(pidsOf(rig, name)) === `${next}\n`);
      await rig.until("the state to be on record", () => web.supervise.isOnRecord());
      expect(stateJson(web)).toMatchObject({ starts: 2, state: "run", pid: next });
      expect((await sv(rig, ["stop", name])).code).toBe(0);
      expect(runsv.stderr()).toBe(
        `runsv ${name}: warning: the service directory has been replaced: going on with the new one\n`,
      );
    }
  },
);

for (const isLinked of [true, false]) {
  const kind = isLinked ? "with its state in /run" : "as it is";
  rigTest(
    `runsvdir starts what is in a directory that is made anew, ${kind}, by the same runsv`,
    ourSuites,
    async (rig) => {
      const web = rig.service("web", { run: [], log: {} });
      const old = rig.path("old");
      if (isLinked) symlinkSync(rig.path("state"), web.file("supervise"));
      const runsvdir = startRunsvdir(rig);
      const { pid } = await web.run.started();
      await web.log.run.started();
      await web.stat("run");
      const { web: runsv } = await runsvToBe(rig, runsvdir.pid, "web");
      await makeAnew(rig, web.path, old, isLinked);
      await rig.until("the new run", () => rig.read(pidsOf(rig, "web")) !== "");
      await rig.until("its pid", () => `${supervisedPid(web)}\n` === rig.read(pidsOf(rig, "web")));
      expect(isAlive(pid)).toBe(false);
      expect(await runsvToBe(rig, runsvdir.pid, "web")).toEqual({ web: runsv });
    },
  );

  rigTest(`runsvdir leaves down what was stopped when its directory is made anew, ${kind}`, ourSuites, async (rig) => {
    const web = rig.service("web", { run: [], log: {} });
    const old = rig.path("old");
    if (isLinked) symlinkSync(rig.path("state"), web.file("supervise"));
    const runsvdir = startRunsvdir(rig);
    await web.run.started();
    await web.stat("run");
    expect((await sv(rig, ["stop", "web"])).code).toBe(0);
    await makeAnew(rig, web.path, old, isLinked);
    await rig.until("its warning", () => runsvdir.stderr().includes(replaced));
    await rig.until("its state", () => web.supervise.isSupervised() && web.supervise.says("down"));
    expect(web.supervise.status().want).toBe("d");
    expect(rig.read(pidsOf(rig, "web"))).toBe("");
    expect((await sv(rig, ["start", "web"])).code).toBe(0);
    expect(rig.read(pidsOf(rig, "web"))).toBe(`${web.supervise.pid()}\n`);
  });
}

const replaced = "runsv web: warning: the service directory has been replaced: going on with the new one\n";

/** renameat2(2) with RENAME_EXCHANGE, on x86-64. */
const exchange = "exit(syscall(316, -100, $ARGV[0], -100, $ARGV[1], 2) != 0)";

/**
 * Takes a service directory away, and puts another one in its place, at once: a runsvdir that looks while there is none
 * ends the service.
 */
async function makeAnew(rig: TestRig, path: string, old: string, isLinked: boolean): Promise<void> {
  const fresh = rig.path("fresh");
  mkdirSync(join(fresh, "log"), { recursive: true });
  writeFileSync(join(fresh, "run"), shellScript(`echo $$ >>${pidsOf(rig, "web")}`, "exec sleep 1000"), { mode: 0o755 });
  writeFileSync(join(fresh, "log/run"), shellScript("exec cat >/dev/null"), { mode: 0o755 });
  if (isLinked) symlinkSync(rig.path("state"), join(fresh, "supervise"));
  expect((await rig.run("perl", ["-e", exchange, path, fresh])).code).toBe(0);
  renameSync(fresh, old);
}

function supervisedPid(web: ScriptedService): number | null | undefined {
  return web.supervise.isSupervised() ? web.supervise.pid() : null;
}

function pidsOf(rig: TestRig, name: string): string {
  return rig.path(`pids-${name}`);
}
