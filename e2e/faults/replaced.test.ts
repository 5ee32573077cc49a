/* Directories that are replaced below a running runsv: it goes on in the new one at the next start. */
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { shellScript } from "../rig/core/files.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { allSuites, ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { isAlive, signalProcess } from "../rig/process/processes.ts";
import { stateJson } from "../rig/runit/state-json.ts";
import { sv } from "../rig/runit/sv.ts";

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

function pidsOf(rig: TestRig, name: string): string {
  return rig.path(`pids-${name}`);
}
