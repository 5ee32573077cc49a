/*
 * dependencies.d/NAME: a service starts when the services that it names are ready.
 */
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { countLines, startRunsvdir } from "../rig/runit/runsvdir.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { stateJson, stateToBe } from "../rig/runit/state-json.ts";
import { ourSuites, stock } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

rigTest("a service starts when what it depends on is ready, and listens for that", ourSuites, async (rig) => {
  const db = slow(rig, "db");
  const web = dependant(rig, "web", "db");
  const runsv = startRunsvdir(rig);
  await stateToBe(rig, db, { state: "run", ready: false });
  const { state, want } = await stateToBe(rig, web, { waitingFor: ["db"], waitingProblem: null });
  expect([state, want]).toEqual(["down", "up"]);
  expect(web.supervise.status()).toMatchObject({ state: "down", want: "u", pid: 0 });
  await rig.until("an ear at db", () => waiters(db).length === 1);
  expect(web.run.starts()).toEqual([]);
  allow(db);
  await web.run.started();
  await stateToBe(rig, web, { state: "run", waitingFor: [] });
  expect(waiters(db)).toEqual([]);
  expect(runsv.stderr()).toBe("");
});

rigTest("a one-time job lets its dependants start when it has succeeded, and they stay", ourSuites, async (rig) => {
  const job = rig.service("job", { files: { restart: "never" } });
  const web = dependant(rig, "web", "job");
  startRunsvdir(rig);
  await job.run.started();
  await stateToBe(rig, web, { waitingFor: ["job"] });
  await job.run.exit(0);
  await web.run.started();
  await web.run.die("KILL");
  await web.run.started(2);
  expect(job.run.starts()).toHaveLength(1);
});

rigTest("a dependency that fails for good keeps its dependants waiting until it is mended", ourSuites, async (rig) => {
  const job = rig.service("job", { run: ["exit 1"], files: { restart: "never" } });
  const web = dependant(rig, "web", "job");
  const runsvdir = startRunsvdir(rig);
  await stateToBe(rig, job, { state: "down", want: "down" });
  await stateToBe(rig, web, { waitingFor: ["job"], waitingProblem: "job has failed: ./run exited 1" });
  const warning = "runsv web: warning: waiting for job: job has failed: ./run exited 1";
  await rig.until("the warning", () => countLines(runsvdir, warning) > 0);
  expect(web.run.starts()).toEqual([]);
  job.run.install(["exit 0"]);
  job.supervise.control("u");
  await web.run.started();
  expect(countLines(runsvdir, warning)).toBe(1);
});

rigTest("a dependency that is wanted down is named as such, once", ourSuites, async (rig) => {
  const db = rig.service("db", { down: true });
  const web = dependant(rig, "web", "db");
  const runsvdir = startRunsvdir(rig);
  await stateToBe(rig, web, { waitingFor: ["db"], waitingProblem: "db is down" });
  const warning = "runsv web: warning: waiting for db: db is down";
  await rig.until("the warning", () => countLines(runsvdir, warning) > 0);
  db.supervise.control("u");
  await web.run.started();
  expect(runsvdir.stderr()).toBe(`${warning}\n`);
});

rigTest("of what may be a job it is shown that it has not ended, and not said", ourSuites, async (rig) => {
  const daemon = rig.service("daemon", { files: { restart: "on-failure" } });
  const web = dependant(rig, "web", "daemon");
  const runsvdir = startRunsvdir(rig);
  await daemon.run.started();
  const waitingProblem = "daemon has not ended, and has no ready-after";
  const { since } = await stateToBe(rig, daemon, { state: "run", ready: false });
  await stateToBe(rig, web, { waitingFor: ["daemon"], waitingProblem });
  // If the machine stood still, 30 s may have passed, after which runsv says it.
  const isShort = Date.now() - Date.parse(String(since)) < 30_000;
  if (isShort) expect(runsvdir.stderr()).toBe("");
  writeFileSync(daemon.file("ready-after"), "0\n");
  daemon.supervise.control("t");
  await web.run.started();
});

rigTest("a dependency that crashes does not stop its dependants", ourSuites, async (rig) => {
  const db = rig.service("db");
  const web = dependant(rig, "web", "db");
  startRunsvdir(rig);
  const { pid } = await web.run.started();
  await stateToBe(rig, web, { state: "run", pid });
  await db.run.die("KILL");
  await db.run.started(2);
  await stateToBe(rig, db, { starts: 2, ready: true });
  expect(web.supervise.pid()).toBe(pid);
  expect(web.run.starts()).toHaveLength(1);
});

rigTest("siblings are the entries of the scan directory, also where these are links", ourSuites, async (rig) => {
  const elsewhere = rig.path("elsewhere");
  mkdirSync(elsewhere);
  const db = rig.service("postgres", {}, elsewhere);
  const web = rig.service("app", { files: { "dependencies.d/db": "" } }, elsewhere);
  symlinkSync(web.path, rig.path("service", "web"));
  const runsvdir = startRunsvdir(rig);
  await stateToBe(rig, web, { waitingProblem: 'dependency "db" does not exist' });
  await rig.until("the warning", () => runsvdir.stderr());
  symlinkSync(db.path, rig.path("service", "db"));
  await web.run.started();
  expect(countLines(runsvdir, 'runsv web: warning: waiting for db: dependency "db" does not exist')).toBe(1);
  expect(runsvdir.stderr().trimEnd().split("\n")).toHaveLength(1);
});

rigTest("a cycle is named once, and left the moment that it can be", ourSuites, async (rig) => {
  const one = dependant(rig, "one", "two");
  const two = dependant(rig, "two", "one");
  const runsvdir = startRunsvdir(rig);
  await stateToBe(rig, one, { waitingFor: ["two"], waitingProblem: "dependency cycle: one, two, one" });
  await stateToBe(rig, two, { waitingFor: ["one"], waitingProblem: "dependency cycle: two, one, two" });
  rmSync(two.file("dependencies.d/one"));
  await two.run.started();
  await one.run.started();
  expect(countLines(runsvdir, "runsv one: warning: waiting for two: dependency cycle: one, two, one")).toBe(1);
  expect(countLines(runsvdir, "runsv two: warning: waiting for one: dependency cycle: two, one, two")).toBe(1);
});

rigTest("a list in the place of the directory is told, and no dependency", ourSuites, async (rig) => {
  const web = rig.service("web", { files: { "dependencies.d": "db\n" } });
  const runsv = await rig.runsv(web);
  await web.run.exit(0);
  await web.run.started(2);
  expect(runsv.stderr()).toBe("runsv web: warning: unable to read dependencies.d: not a directory\n");
});

rigTest("a service waits while its dependencies.d cannot be read, and says so", ourSuites, async (rig) => {
  const web = rig.service("web");
  symlinkSync("dependencies.d", web.file("dependencies.d"));
  const runsv = await rig.runsv(web);
  const problem = "unable to read it: symbolic link loop";
  await stateToBe(rig, web, { waitingFor: ["dependencies.d"], waitingProblem: problem });
  await rig.until("the warning", () => runsv.stderr());
  expect(web.run.starts()).toEqual([]);
  rmSync(web.file("dependencies.d"));
  await web.run.started();
  expect(runsv.stderr()).toBe(`runsv web: warning: waiting for dependencies.d: ${problem}\n`);
});

rigTest("a service that names itself waits, and says so", ourSuites, async (rig) => {
  const web = dependant(rig, "web", "web");
  const runsv = await rig.runsv(web);
  await stateToBe(rig, web, { waitingFor: ["web"], waitingProblem: "dependency cycle: web, web" });
  await rig.until("the warning", () => runsv.stderr());
  rmSync(web.file("dependencies.d/web"));
  await web.run.started();
  expect(countLines(runsv, "runsv web: warning: waiting for web: dependency cycle: web, web")).toBe(1);
});

rigTest("u keeps it waiting, d ends that, x ends runsv", ourSuites, async (rig) => {
  const db = slow(rig, "db");
  const web = dependant(rig, "web", "db");
  await rig.runsv(db);
  const runsv = await rig.runsv(web);
  await stateToBe(rig, web, { waitingFor: ["db"] });
  web.supervise.control("u");
  web.supervise.control("d");
  await stateToBe(rig, web, { waitingFor: [], want: "down" });
  expect(waiters(db)).toEqual([]);
  allow(db);
  await stateToBe(rig, db, { ready: true });
  web.supervise.control("o");
  await web.run.started();
  expect(web.run.starts()).toHaveLength(1);
  await web.run.exit(0);
  await web.stat("down");
  rmSync(web.file("dependencies.d/db"));
  writeFileSync(web.file("dependencies.d/nobody"), "");
  web.supervise.control("u");
  await stateToBe(rig, web, { waitingFor: ["nobody"] });
  web.supervise.control("x");
  expect((await rig.result(runsv)).code).toBe(0);
});

rigTest("what a runsv that is gone has left behind does not count", ourSuites, async (rig) => {
  const db = rig.service("db");
  const first = await rig.runsv(db);
  await db.run.started();
  await stateToBe(rig, db, { satisfied: true });
  first.kill("SIGKILL");
  await rig.result(first);
  db.run.kill("SIGKILL");
  expect(stateJson(db)).toMatchObject({ satisfied: true });
  const web = dependant(rig, "web", "db");
  await rig.runsv(web);
  await stateToBe(rig, web, { waitingFor: ["db"], waitingProblem: null });
  await rig.runsv(db);
  await web.run.started();
});

rigTest(
  "of a service under runit's runsv it counts that it runs",
  ourSuites,
  async (rig) => {
    const db = rig.service("db", { down: true });
    rig.start(stock.command("runsv"), ["db"]);
    await rig.until("stock runsv to supervise", () => db.supervise.isSupervised());
    const web = dependant(rig, "web", "db");
    await rig.runsv(web);
    await stateToBe(rig, web, { waitingFor: ["db"] });
    db.supervise.control("u");
    await web.run.started();
  },
  { needs: stock.available ? undefined : stock.reason },
);

/** A service that becomes ready when the test allows it. */
function slow(rig: TestRig, name: string): ScriptedService {
  const text = "#!/bin/sh\nwhile ! test -e allowed; do sleep 0.02; done\necho >&3\nexec sleep 1000 3>&-\n";
  return rig.service(name, { run: { text }, files: { "notification-fd": "3" } });
}

function allow(service: ScriptedService): void {
  writeFileSync(service.file("allowed"), "");
}

function dependant(rig: TestRig, name: string, ...needs: readonly string[]): ScriptedService {
  return rig.service(name, { files: Object.fromEntries(needs.map((need) => [`dependencies.d/${need}`, ""])) });
}

/** Who listens for changes of a service. */
function waiters(service: ScriptedService): readonly string[] {
  try {
    return readdirSync(service.file("supervise/waiters"));
  } catch {
    return [];
  }
}
