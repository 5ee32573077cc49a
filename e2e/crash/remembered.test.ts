/*
 * SIGKILL of runsv: the next one of the same parent goes on from its record. What was put down stays down, what is done
 * or has failed is not started, and failures and pauses go on counting. A runsv of another parent begins anew.
 */
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { signalProcess } from "../rig/process/processes.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import { replaceRunsv } from "../rig/runit/runsv.ts";
import { runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { stateJson, stateToBe } from "../rig/runit/state-json.ts";
import { allSuites, ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

/** Starts the service by a command; the count of its starts shows that nothing had started it before. */
async function startedByHand(rig: TestRig, service: ScriptedService, starts: number): Promise<void> {
  service.supervise.control("u");
  await service.run.started(starts);
  await stateToBe(rig, service, { starts });
  expect(service.run.starts()).toHaveLength(starts);
}

const done = { state: "down", want: "down", ready: true, satisfied: true, failed: null };

rigTest("a job that is done is not done again, until somebody asks", ourSuites, async (rig) => {
  const job = rig.service("job", { run: ["exit 0"], files: { restart: "never" } });
  const first = await rig.runsv(job);
  const before = await stateToBe(rig, job, done);
  const second = await replaceRunsv(rig, job, first);
  expect(stateJson(job)).toEqual({ ...before, supervisor: expect.objectContaining({ group: second.pid }) });
  await startedByHand(rig, job, 2);
});

rigTest("what has failed for good stays so, until somebody asks", ourSuites, async (rig) => {
  const job = rig.service("job", { run: ["exit 3"], files: { restart: "never" } });
  const first = await rig.runsv(job);
  const { failed } = await stateToBe(rig, job, { state: "down", want: "down" });
  expect(failed).toMatchObject({ reason: "restart", text: "./run exited 3" });
  await replaceRunsv(rig, job, first);
  expect(stateJson(job)).toMatchObject({ state: "down", want: "down", failed });
  job.run.install([]);
  await startedByHand(rig, job, 2);
  await stateToBe(rig, job, { state: "run", failed: null });
});

rigTest("failures before and after count together", ourSuites, async (rig) => {
  const files = { "restart-limit": "2 600000", "restart-delay": "0" };
  const web = rig.service("web", { files });
  const first = await rig.runsv(web);
  await web.run.exit(1);
  await web.run.started(2);
  await web.run.exit(1);
  await web.run.started(3);
  await stateToBe(rig, web, { state: "run", failures: 2, starts: 3 });
  await replaceRunsv(rig, web, first);
  await stateToBe(rig, web, { state: "run", failures: 2, starts: 3 });
  await web.run.die("SEGV");
  const { failed } = await stateToBe(rig, web, { state: "down", want: "down", failures: 3 });
  expect(failed).toMatchObject({ reason: "restart-limit" });
  expect(web.run.starts()).toHaveLength(3);
});

rigTest("a pause goes on, and nothing is started before it is over", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["exit 1"], files: { "restart-delay": "3600000 3600000" } });
  const first = await rig.runsv(web);
  const { nextStart } = await stateToBe(rig, web, { state: "down", want: "up", starts: 1 });
  expect(nextStart).not.toBeNull();
  await replaceRunsv(rig, web, first);
  expect(stateJson(web)).toMatchObject({ state: "down", want: "up", starts: 1, nextStart });
  expect(web.run.starts()).toHaveLength(1);
});

rigTest("what sv down has put down stays down", ourSuites, async (rig) => {
  const web = rig.service("web", { run: [] });
  const first = await rig.runsv(web);
  await web.run.started();
  await web.stat("run");
  web.supervise.control("d");
  const { since } = await stateToBe(rig, web, { state: "down", want: "down" });
  await replaceRunsv(rig, web, first);
  expect(stateJson(web)).toMatchObject({ state: "down", want: "down", since });
  await startedByHand(rig, web, 2);
});

/** Puts the log down, and waits until it is. */
async function putLogDown(rig: TestRig, service: ScriptedService, starts: number): Promise<void> {
  await service.run.started(starts);
  await service.log.run.started();
  await service.logStat("run");
  service.log.supervise.control("d");
  await service.logStat("down");
  if (!rig.suite.ours) return;
  // runsv writes the file that its successor reads last.
  const log = { name: `${service.name}/log`, file: (path: string) => service.file(`log/${path}`) };
  await stateToBe(rig, log, { state: "down", want: "down" });
}

rigTest("a log that was put down stays down with its service", ourSuites, async (rig) => {
  const web = rig.service("web", { run: [], log: {} });
  const first = await rig.runsv(web);
  await putLogDown(rig, web, 1);
  await replaceRunsv(rig, web, first);
  await web.logStat("down");
  web.log.supervise.control("u");
  await web.log.run.started(2);
  // A runsv that begins anew would have started it once.
  await stateToBe(rig, { name: "web/log", file: (...names) => web.file("log", ...names) }, { state: "run", starts: 2 });
  expect(web.log.run.starts()).toHaveLength(2);
});

rigTest("a log that was put down is started again after an end that was asked for", allSuites, async (rig) => {
  const web = rig.service("web", { run: [], log: {} });
  for (const [count, end] of (["exit", "TERM"] as const).entries()) {
    const runsv = await rig.runsv(web);
    await web.log.run.started(count + 1);
    await putLogDown(rig, web, count + 1);
    if (end === "exit") web.supervise.control("x");
    else runsv.kill("SIGTERM");
    await rig.result(runsv);
  }
  await rig.runsv(web);
  await web.log.run.started(3);
  await web.logStat("run");
});

rigTest("what has ended while no runsv was there has ended, nobody knows how", ourSuites, async (rig) => {
  const job = rig.service("job", { run: [], finish: ["exit 0"], files: { restart: "never" } });
  const first = await rig.runsv(job);
  await job.run.started();
  await stateToBe(rig, job, { state: "run" });
  first.kill("SIGKILL");
  await rig.result(first);
  await job.run.die("KILL");
  await rig.runsv(job);
  const { failed } = await stateToBe(rig, job, { state: "down", want: "down", starts: 1 });
  expect(failed).toMatchObject({ reason: "restart", text: "./run ended, nobody knows how" });
  expect(job.finish.starts().map(({ argv }) => argv.slice(1, 4))).toEqual([["-1", "0", "job"]]);
  expect(job.run.starts()).toHaveLength(1);
});

rigTest(
  "a runsv of another parent begins anew, and so does one after an end that was asked for",
  ourSuites,
  async (rig) => {
    const job = rig.service("job", { run: ["exit 0"], files: { restart: "never" } });
    const first = await rig.runsv(job);
    await stateToBe(rig, job, { ...done, starts: 1 });
    // The shell stays, and is the parent.
    const second = await replaceByChild(rig, job, first);
    await job.run.started(2);
    await stateToBe(rig, job, { ...done, starts: 1 });
    job.supervise.control("x");
    await rig.result(second);
    const third = await rig.runsv(job);
    await job.run.started(3);
    await stateToBe(rig, job, { ...done, starts: 1 });
    job.supervise.control("x");
    await rig.result(third);
  },
);

/** Kills a runsv, and starts another one as the child of a shell. */
async function replaceByChild(rig: TestRig, job: ScriptedService, old: RunningCommand): Promise<RunningCommand> {
  return await replaceRunsv(rig, job, old, ["sh", "-c", '"$@"; exit $?', "sh"]);
}

rigTest("below runsvdir a job is done once, however often its runsv is killed", ourSuites, async (rig) => {
  const job = rig.service("job", { run: ["exit 0"], files: { restart: "on-failure" } });
  const runsvdir = startRunsvdir(rig);
  await stateToBe(rig, job, { ...done, starts: 1 });
  for (let kills = 0; kills < 3; kills += 1) {
    const { job: old = 0 } = await runsvToBe(rig, runsvdir.pid, "job");
    signalProcess(old, "SIGKILL");
    await rig.until("another runsv", async () => {
      const { job: found = 0 } = await runsvToBe(rig, runsvdir.pid, "job");
      return found !== old && job.supervise.isSupervised();
    });
    await stateToBe(rig, job, { ...done, starts: 1 });
  }
  expect(job.run.starts()).toHaveLength(1);
  expect(runsvdir.stderr()).toBe("");
});
