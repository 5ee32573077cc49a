/* No descriptors, or no processes: what runsv and runsvdir do until there are some again. */
import { chownSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { available, enable, shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { giveDescriptors, prlimit, takeDescriptors } from "../rig/process/prlimit.ts";
import { signalProcess } from "../rig/process/processes.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import { runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";
import { stateToBe } from "../rig/runit/state-json.ts";
import { ourSuites, standalone } from "../rig/core/suites.ts";
import { answer, sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { limit, root } from "../rig/process/under.ts";

const noDescriptor = "process cannot open more files";

rigTest("supervises without a free descriptor, and says the state once there is one", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["trap HUP"], log: {} });
  const runsv = await rig.runsv(web);
  await web.run.started();
  await web.stat("run");
  await takeDescriptors(rig, runsv);
  await web.run.die("KILL");
  const { pid } = await web.run.started(2);
  web.supervise.control("h");
  await web.run.signalled("HUP");
  expect(web.supervise.status().pid).not.toBe(pid);
  await giveDescriptors(rig, runsv);
  await rig.until("the new pid", () => web.supervise.status().pid === pid);
  await web.stat("run");
  const lines = runsv.stderr().trimEnd().split("\n");
  expect(lines).toContain(`runsv web: warning: unable to open supervise/pid.new: ${noDescriptor}`);
  expect(lines.filter((line) => !line.endsWith(`: ${noDescriptor}`))).toEqual([]);
});

rigTest("starts nothing before its dependencies while it has no descriptor to look at them", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["exit-on TERM"] });
  const runsv = await rig.runsv(web);
  await web.run.started();
  mkdirSync(web.file("dependencies.d"));
  writeFileSync(web.file("dependencies.d/db"), "");
  await web.stat("run");
  await takeDescriptors(rig, runsv);
  await web.run.die("KILL");
  const line = `runsv web: warning: waiting for dependencies.d: unable to read it: ${noDescriptor}\n`;
  await rig.until("the warning", () => runsv.stderr().includes(line));
  await giveDescriptors(rig, runsv);
  await stateToBe(rig, web, { waitingFor: ["db"], waitingProblem: 'dependency "db" does not exist' });
  expect(web.run.starts()).toHaveLength(1);
  rmSync(web.file("dependencies.d/db"));
  await web.run.started(2);
});

rigTest("stops services in the order of their dependencies without a free descriptor", ourSuites, async (rig) => {
  const db = rig.service("db", { run: ["trap HUP", "exit-on TERM"] });
  const web = rig.service("web", { run: ["trap TERM"], files: { "dependencies.d/db": "" } });
  const runsvdir = startRunsvdir(rig, { words: ["--orderly"] });
  await web.run.started();
  await takeDescriptors(rig, runsvdir);
  runsvdir.kill("SIGTERM");
  await web.run.signalled("TERM");
  // Its runsv would have passed on a TERM that was sent together with that of web.
  db.supervise.control("h");
  await db.run.signalled("HUP");
  expect(db.run.signals()).toEqual(["HUP"]);
  await web.run.exit(0);
  expect(await rig.result(runsvdir)).toMatchObject({ code: 0 });
  // A slow machine may scan in between, or have time to say whom the stop waits for.
  const expected = new RegExp(`: warning: (?:unable to open directory .*: ${noDescriptor}|waiting for (?:db, )?web)$`);
  const lines = runsvdir.stderr().split("\n").slice(0, -1);
  expect(lines.filter((line) => !expected.test(line))).toEqual([]);
});

rigTest("makes a removed supervise again once there is a free descriptor", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["trap HUP"] });
  const runsv = await rig.runsv(web);
  await web.run.started();
  await web.stat("run");
  await takeDescriptors(rig, runsv);
  rmSync(web.supervise.path, { recursive: true });
  await web.run.die("KILL");
  const { pid } = await web.run.started(2);
  await giveDescriptors(rig, runsv);
  await rig.until("the new pid", () => web.supervise.isSupervised() && web.supervise.pid() === pid);
  web.supervise.control("h");
  await web.run.signalled("HUP");
});

rigTest("says what it could not open when it has too few descriptors to start", ourSuites, async (rig) => {
  const web = rig.service("web", { log: { run: ["exit-on TERM"] } });
  const message = new RegExp(`^(?:runsv(?: web)?: (?:warning|fatal): unable to [^:]+: ${noDescriptor}\n)+$`);
  let refusals = 0;
  for (let count = 4; ; count += 1) {
    expect(count).toBeLessThan(48);
    const runsv = rig.start("runsv", ["web"], { under: limit(`-n ${count}`) });
    const isStarted = await rig.until("runsv to start or to end", () => {
      if (runsv.ending !== undefined) return "no";
      return web.supervise.stat() === "run" && "yes";
    });
    if (isStarted === "yes") break;
    // With fewer, the runtime itself does not start.
    if ((await rig.result(runsv)).code !== 111) continue;
    expect(runsv.stderr()).toMatch(message);
    refusals += 1;
  }
  expect(refusals).toBeGreaterThan(2);
  await web.run.started();
});

rigTest(
  "waits when no process can be made, obeys meanwhile, and starts the service once one can",
  ourSuites,
  async (rig) => {
    const uid = someUser();
    const web = rig.service("web", { finish: ["exit 0"] });
    give(web.path, uid);
    const runsv = await rig.runsv(web, { under: as(uid) });
    await web.run.started();
    await takeProcesses(rig, runsv, uid);
    await web.run.die("KILL");
    await rig.until("a warning", () => runsv.stderr() !== "");
    // Much work for a runtime that would like to have more threads now.
    for (let count = 0; count < 8; count += 1) {
      web.supervise.control("du".repeat(100));
      web.supervise.control("d");
      await rig.until("want down", () => web.supervise.status().want === "d");
      web.supervise.control("u");
      await rig.until("want up", () => web.supervise.status().want === "u");
    }
    expect(web.run.starts()).toHaveLength(1);
    expect(web.finish.starts()).toEqual([]);
    await giveProcesses(rig, runsv, uid);
    expect((await web.finish.started()).argv.slice(1, 3)).toEqual(["-1", "9"]);
    await web.run.started(2);
    // It says this at each try, every five seconds.
    expect(runsv.stderr()).toMatch(/^(?:runsv web: warning: unable to fork, sleeping: temporary failure\n)+$/);
  },
  { needs: root },
);

rigTest(
  "is down, and goes when told, while no process can be made",
  ourSuites,
  async (rig) => {
    const uid = someUser();
    const web = rig.service("web");
    give(web.path, uid);
    const runsv = await rig.runsv(web, { under: as(uid) });
    await web.run.started();
    await takeProcesses(rig, runsv, uid);
    await web.run.die("KILL");
    await rig.until("a warning", () => runsv.stderr() !== "");
    expect(await sv(rig, ["status", "web"])).toMatchObject(answer("down: web: Ns, normally up, want up\n"));
    runsv.kill("SIGTERM");
    expect(await rig.result(runsv)).toMatchObject({ code: 0 });
  },
  { needs: root },
);

rigTest(
  "runsvdir waits when no process can be made, and then starts every runsv that is missing",
  ourSuites,
  async (rig) => {
    const uid = someUser();
    const web = available(rig, "web", {});
    const api = available(rig, "api", {});
    for (const { path } of [web, api, { path: rig.services }]) give(path, uid);
    enable(rig, web);
    const runsvdir = startRunsvdir(rig, { under: as(uid) });
    await web.run.started();
    const { web: first = 0 } = await runsvToBe(rig, runsvdir.pid, "web");
    await takeProcesses(rig, runsvdir, uid);
    signalProcess(first, "SIGKILL");
    enable(rig, api);
    const warning = (name: string): string =>
      `runsvdir ${rig.services}: warning: unable to fork for ${name}: temporary failure`;
    await rig.until(
      "two warnings",
      () => runsvdir.stderr().includes(warning("web")) && runsvdir.stderr().includes(warning("api")),
    );
    // Much work for a runtime that would now like more threads.
    for (let count = 0; count < 150; count += 1) {
      const before = rig.read(join(rig.services, ".forced-rescan"));
      runsvdir.kill("SIGALRM");
      await rig.until("a rescan", () => rig.read(join(rig.services, ".forced-rescan")) !== before);
    }
    await giveProcesses(rig, runsvdir, uid);
    await api.run.started();
    await runsvToBe(rig, runsvdir.pid, "api", "web");
  },
  { needs: root },
);

/** Tasks of the stand-alone runsvdir, and of each runsv; docs/containers.md has these numbers. */
const tasks = { runsvdir: 1, runsv: 1 };
const standaloneOnly = [standalone];

rigTest(
  "takes as many tasks as docs/containers.md says, and no more",
  standaloneOnly,
  async (rig) => {
    const services = ["a", "b", "c"].map((name) => rig.service(name, { run: shell("exec sleep 600") }));
    const most = tasks.runsvdir + services.length * (tasks.runsv + 1);
    const runsvdir = startLimited(rig, services, most);
    for (const service of services) await service.stat("run");
    const runsv = await runsvToBe(rig, runsvdir.pid, "a", "b", "c");
    const pids = [runsvdir.pid, ...Object.values(runsv), ...services.map(({ supervise }) => supervise.status().pid)];
    const count = (): number => pids.reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/task`).length, 0);
    await rig.until("all tasks", () => count() === most);
    expect(runsvdir.stderr()).toBe("");
  },
  { needs: root },
);

rigTest(
  "says what it lacks, and goes on, with fewer tasks than it takes",
  standaloneOnly,
  async (rig) => {
    const services = ["a", "b", "c"].map((name) => rig.service(name, { run: shell("exec sleep 600") }));
    // The runtime itself takes so many at its very first start.
    const runsvdir = startLimited(rig, services, 6);
    const lacks =
      /^(?:runsv [abc]|runsvdir .*): warning: unable to (?:fork, sleeping|fork for [abc]|watch .*, rescanning): .*$/;
    await rig.until("a message", () => runsvdir.stderr().includes("unable to fork"));
    expect(runsvdir.stderr().trimEnd().split("\n")).toEqual(
      runsvdir
        .stderr()
        .trimEnd()
        .split("\n")
        .map(() => expect.stringMatching(lacks)),
    );
    expect(runsvdir.ending).toBeUndefined();
  },
  { needs: root },
);

/** Starts runsvdir as a user who may have so many tasks. */
function startLimited(rig: TestRig, services: readonly ScriptedService[], most: number): RunningCommand {
  const uid = someUser();
  for (const { path } of [...services, { path: rig.services }]) give(path, uid);
  return startRunsvdir(rig, { under: [...as(uid), "prlimit", `--nproc=${most}`] });
}

/** Lowers the limit of a process of that user, so that it cannot fork. */
async function takeProcesses(rig: TestRig, command: RunningCommand, uid: number): Promise<void> {
  await prlimit(rig, command, "--nproc=1:", as(uid));
}

async function giveProcesses(rig: TestRig, command: RunningCommand, uid: number): Promise<void> {
  await prlimit(rig, command, "--nproc=1000:", as(uid));
}

let users = 0;

/** A user id of its own: the limit counts all processes of a user. */
function someUser(): number {
  users += 1;
  return 100_000 + process.pid * 16 + users;
}

/** Prefix that runs a command as that user, who may read any directory: the suites may be in one of root's. */
function as(uid: number): readonly string[] {
  const capabilities = "-all,+dac_read_search";
  return [
    "setpriv",
    `--reuid=${uid}`,
    `--regid=${uid}`,
    "--clear-groups",
    `--inh-caps=${capabilities}`,
    `--ambient-caps=${capabilities}`,
  ];
}

/** Gives a directory and everything in it to a user. */
function give(path: string, uid: number): void {
  chownSync(path, uid, uid);
  for (const name of readdirSync(path, { recursive: true, encoding: "utf8" })) {
    if (existsSync(join(path, name))) chownSync(join(path, name), uid, uid);
  }
}
