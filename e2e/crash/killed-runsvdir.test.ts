/* SIGKILL of runsvdir: the next one goes on with the runsv that live on, and starts nothing twice. */
import { renameSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { bootMillis, childrenOf, isAlive, signalProcess } from "../rig/process/processes.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import { stateToBe, supervisorOf } from "../rig/runit/state-json.ts";
import { runsvToBe, startRunsvdir, toHave } from "../rig/runit/runsvdir.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const orderly = { words: ["--orderly", "--stop-timeout", "60"] } as const;

async function replaceRunsvdir(rig: TestRig, killed: RunningCommand): Promise<RunningCommand> {
  killed.kill("SIGKILL");
  await rig.result(killed);
  return startRunsvdir(rig, orderly);
}

rigTest("runsvdir killed ten times starts nothing twice, and its last one stops all", ourSuites, async (rig) => {
  const services = ["a", "b", "c"].map((name) => rig.service(name, { run: ["trap HUP"], log: {} }));
  let runsvdir = startRunsvdir(rig, orderly);
  for (const service of services) await service.run.started();
  for (const service of services) {
    await stateToBe(rig, service, { state: "run" });
    await service.log.run.started();
  }
  const runsv = services.map(supervisorOf);
  for (let round = 0; round < 10; round++) {
    runsvdir = await replaceRunsvdir(rig, runsvdir);
    await rig.until("the guard", () => rig.read(rig.path("service/.runsvdir/holder.json")).includes(`${runsvdir.pid}`));
  }
  await toHave(rig, runsvdir.pid, ...services);
  expect(services.map(supervisorOf)).toEqual(runsv);
  expect(runsv.map(isAlive)).toEqual([true, true, true]);
  expect(services.map(({ run }) => run.starts().length)).toEqual([1, 1, 1]);
  expect(services.map(({ log }) => log.run.starts().length)).toEqual([1, 1, 1]);
  const pids = services.map((service) => service.supervise.status().pid);
  runsvdir.kill("SIGTERM");
  expect((await rig.result(runsvdir)).code).toBe(0);
  expect(runsvdir.stderr()).not.toContain("unable to");
  expect([...runsv, ...pids].map(isAlive)).toEqual([...runsv, ...pids].map(() => false));
});

rigTest("an adopted runsv that is killed is replaced at once, and its service adopted", ourSuites, async (rig) => {
  const web = rig.service("web", { run: [] });
  const first = startRunsvdir(rig, orderly);
  const { pid } = await web.run.started();
  await stateToBe(rig, web, { state: "run", pid });
  // Not by the rescan, which comes every 5 s. A loaded machine may be late, but not each time.
  let waited = Infinity;
  let runsvdir = first;
  for (let tries = 5; waited >= 5000 && tries > 0; tries--) {
    const runsv = supervisorOf(web);
    runsvdir = await replaceRunsvdir(rig, runsvdir);
    await toHave(rig, runsvdir.pid, web);
    const killedAt = bootMillis();
    signalProcess(runsv, "SIGKILL");
    await runsvToBe(rig, runsvdir.pid, "web");
    waited = bootMillis() - killedAt;
    await rig.until("the next runsv to supervise", () => supervisorOf(web) !== runsv);
    await web.stat("run");
  }
  expect(waited).toBeLessThan(5000);
  expect(web.run.starts()).toHaveLength(1);
  expect(runsvdir.stderr()).toBe("");
});

rigTest("an adopted runsv whose entry is removed is told to go", ourSuites, async (rig) => {
  const web = rig.service("web", { run: [] });
  const first = startRunsvdir(rig, orderly);
  const { pid } = await web.run.started();
  await stateToBe(rig, web, { state: "run", pid });
  const runsv = supervisorOf(web);
  const second = await replaceRunsvdir(rig, first);
  await toHave(rig, second.pid, web);
  renameSync(web.file(), rig.path("service/.web"));
  await rig.until("runsv to go", () => !isAlive(runsv));
  expect(isAlive(pid)).toBe(false);
  expect(second.stderr()).toBe("");
});

rigTest("a stop ends what an adopted runsv leaves behind that is killed during the stop", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["trap TERM"] });
  const first = startRunsvdir(rig, orderly);
  const { pid } = await web.run.started();
  await stateToBe(rig, web, { state: "run", pid });
  const runsv = supervisorOf(web);
  const second = await replaceRunsvdir(rig, first);
  await toHave(rig, second.pid, web);
  second.kill("SIGTERM");
  await web.run.signalled("TERM");
  signalProcess(runsv, "SIGKILL");
  await web.run.signalled("TERM", 2);
  await web.run.exit(0);
  expect((await rig.result(second)).code).toBe(0);
  expect(second.stderr()).not.toContain("unable to");
  expect(isAlive(pid)).toBe(false);
});

rigTest("a runsv that has only just been started when runsvdir was killed is adopted", ourSuites, async (rig) => {
  const web = rig.service("web", { run: [] });
  const first = startRunsvdir(rig, orderly);
  const { pid } = await web.run.started();
  await stateToBe(rig, web, { state: "run", pid });
  const former = supervisorOf(web);
  signalProcess(former, "SIGKILL");
  const runsv = await rig.until("the next runsv", () =>
    childrenOf(first.pid).find((child) => child !== former && signalProcess(child, "SIGSTOP")),
  );
  const second = await replaceRunsvdir(rig, first);
  // What it records now must name the runsvdir that has started it, not the process that has taken it in.
  signalProcess(runsv, "SIGCONT");
  await rig.until("a supervisor", () => supervisorOf(web) !== former && web.supervise.isSupervised());
  await toHave(rig, second.pid, web);
  second.kill("SIGTERM");
  expect((await rig.result(second)).code).toBe(0);
  expect([runsv, pid].map(isAlive)).toEqual([false, false]);
  expect(web.run.starts()).toHaveLength(1);
});

rigTest("a service is adopted under the name that its directory has got meanwhile", ourSuites, async (rig) => {
  const web = rig.service("web", { run: [], log: {} });
  const first = startRunsvdir(rig, { words: ["--inline", ...orderly.words] });
  const { pid } = await web.run.started();
  const log = await web.log.run.started();
  await stateToBe(rig, web, { state: "run", pid });
  first.kill("SIGSTOP");
  renameSync(web.file(), rig.path("service/site"));
  first.kill("SIGKILL");
  await rig.result(first);
  const second = startRunsvdir(rig, { words: ["--inline", ...orderly.words] });
  await runsvToBe(rig, second.pid, "site");
  const site = { name: "site", file: (name: string) => rig.path("service/site", name) };
  await stateToBe(rig, site, { state: "run", pid, starts: 1 });
  expect([pid, log.pid].map(isAlive)).toEqual([true, true]);
  expect([web.run.starts().length, web.log.run.starts().length]).toEqual([1, 1]);
  expect(second.stderr()).toBe("");
});

rigTest("a runsv of somebody else, who lives, is not adopted", ourSuites, async (rig) => {
  const web = rig.service("web", { run: [] });
  const own = await rig.runsv(web);
  await web.run.started();
  const runsvdir = startRunsvdir(rig, orderly);
  await rig.until("the complaint", () => runsvdir.stderr().includes("unable to lock supervise/lock"));
  runsvdir.kill("SIGTERM");
  expect((await rig.result(runsvdir)).code).toBe(0);
  expect(isAlive(own.pid)).toBe(true);
  expect(childrenOf(runsvdir.pid)).toEqual([]);
});
