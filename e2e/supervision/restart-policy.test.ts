/*
 * When ./run is started again and when not: the files restart, exit-ok, restart-delay, restart-limit, down-signal and
 * timeout-finish, as docs/service-directory.md describes them.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { isAlive } from "../rig/process/processes.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import { stateJson, stateToBe } from "../rig/runit/state-json.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

rigTest("restart never: a job that succeeds is down, wanted down and satisfied", ourSuites, async (rig) => {
  const job = rig.service("job", { run: ["exit 0"], files: { restart: "never\n" } });
  const runsv = await rig.runsv(job);
  await stateToBe(rig, job, { state: "down", want: "down", ready: true, satisfied: true, failed: null });
  expect(job.supervise.status()).toMatchObject({ state: "down", want: "d", pid: 0 });
  expect(job.run.starts()).toHaveLength(1);
  // It runs again after a command.
  job.supervise.control("u");
  await job.run.started(2);
  await stateToBe(rig, job, { state: "down", satisfied: true, starts: 2 });
  expect(runsv.stderr()).toBe("");
});

rigTest("restart never: a failure is for good, until u", ourSuites, async (rig) => {
  const job = rig.service("job", { run: ["exit 7"], files: { restart: "never" } });
  const runsv = await rig.runsv(job);
  const { failed, want, satisfied } = await stateToBe(rig, job, { state: "down", want: "down" });
  expect([want, satisfied]).toEqual(["down", false]);
  expect(failed).toMatchObject({ reason: "restart", text: "./run exited 7" });
  await saysOnce(rig, runsv, "runsv job: warning: giving up: ./run exited 7\n");
  job.run.install([]);
  job.supervise.control("u");
  await job.run.started(2);
  await stateToBe(rig, job, { state: "run", want: "up", failed: null });
});

rigTest("restart on-failure: started again after a failure, not after a success", ourSuites, async (rig) => {
  const job = rig.service("job", { files: { restart: "on-failure", "restart-delay": "0" } });
  await rig.runsv(job);
  await job.run.exit(3);
  await job.run.started(2);
  await job.run.die("SEGV");
  await job.run.started(3);
  await job.run.exit(0);
  await stateToBe(rig, job, { state: "down", want: "down", satisfied: true });
  expect(job.run.starts()).toHaveLength(3);
});

rigTest("exit-ok: codes and signals that count as success", ourSuites, async (rig) => {
  const files = { restart: "on-failure", "exit-ok": "3 KILL\n", "restart-delay": "0" };
  const job = rig.service("job", { files });
  await rig.runsv(job);
  await job.run.exit(3);
  await stateToBe(rig, job, { state: "down", want: "down", failed: null });
  job.supervise.control("u");
  await job.run.started(2);
  await job.run.die("KILL");
  await stateToBe(rig, job, { state: "down", want: "down", failed: null, starts: 2 });
});

rigTest("what sv sends is no failure: a restart is a restart", ourSuites, async (rig) => {
  const files = { restart: "never", "restart-limit": "0 60", "restart-delay": "0" };
  const job = rig.service("job", { files });
  await rig.runsv(job);
  await job.run.started();
  job.supervise.control("tcu");
  await job.run.started(2);
  job.supervise.control("k");
  await job.run.started(3);
  expect(stateJson(job)["failed"]).toBeNull();
});

rigTest("finish that exits 125 means not again, where there is a restart file", ourSuites, async (rig) => {
  const files = { restart: "always", "restart-delay": "0" };
  const web = rig.service("web", { finish: ["exit 125"], files });
  await rig.runsv(web);
  await web.run.exit(1);
  const { failed } = await stateToBe(rig, web, { state: "down", want: "down" });
  expect(failed).toMatchObject({ reason: "finish", text: "./run exited 1, and ./finish exited 125" });
  rmSync(web.file("restart"));
  web.supervise.control("u");
  await web.run.started(2);
  await web.run.exit(1);
  await web.run.started(3);
});

rigTest("restart-limit: more failures than that within the time are for good", ourSuites, async (rig) => {
  const files = { "restart-limit": "2 600", "restart-delay": "0" };
  const web = rig.service("web", { run: ["exit 1"], files });
  const runsv = await rig.runsv(web);
  const { failed, failures } = await stateToBe(rig, web, { state: "down", want: "down" });
  expect(failed).toMatchObject({ reason: "restart-limit", text: "3 failures within 600 seconds" });
  expect(failures).toBe(3);
  expect(web.run.starts()).toHaveLength(3);
  await saysOnce(
    rig,
    runsv,
    "runsv web: warning: giving up: 3 failures within 600 seconds, the last time ./run exited 1\n",
  );
  web.supervise.control("u");
  await web.run.started(6);
});

rigTest("restart-limit: a run that cannot be started counts", ourSuites, async (rig) => {
  const files = { "restart-limit": "1 600", "restart-delay": "0" };
  const web = rig.service("web", { run: "absent", files });
  await rig.runsv(web);
  const { failed, starts } = await stateToBe(rig, web, { state: "down", want: "down" });
  expect(failed).toMatchObject({ reason: "restart-limit" });
  expect(starts).toBe(2);
});

rigTest("restart-delay: the pause grows", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["exit 1"], files: { "restart-delay": "100 60000 3" } });
  await rig.runsv(web);
  const starts = [
    await web.run.started(1),
    await web.run.started(2),
    await web.run.started(3),
    await web.run.started(4),
  ];
  const gaps = starts.slice(1).map((start, index) => start.at - (starts[index]?.at ?? 0));
  for (const [index, least] of [100, 300, 900].entries()) expect(gaps[index]).toBeGreaterThanOrEqual(least - 20);
  expect(stateJson(web)["want"]).toBe("up");
});

rigTest("down-signal: takes the place of TERM", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["trap TERM", "exit-on QUIT"], files: { "down-signal": "QUIT\n" } });
  await rig.runsv(web);
  await web.run.started();
  web.supervise.control("t");
  await web.run.started(2);
  await web.stat("run");
  web.supervise.control("d");
  await web.stat("down");
  expect(web.run.signals().filter((signal) => signal !== "CONT")).toEqual(["QUIT", "QUIT"]);
});

rigTest("timeout-finish: a finish that hangs is killed, and the service goes on", ourSuites, async (rig) => {
  const web = rig.service("web", { finish: ["ignore TERM"], files: { "timeout-finish": "4000" } });
  await rig.runsv(web);
  await web.run.exit(0);
  const { pid } = await web.finish.started();
  await web.run.started(2);
  expect(isAlive(pid)).toBe(false);
});

rigTest("a value that means nothing is said once, and the default counts", ourSuites, async (rig) => {
  const files = {
    restart: "sometimes",
    "restart-delay": "9 1",
    "restart-limit": "many",
    "exit-ok": "300",
    "down-signal": "STOPIT",
    "timeout-finish": "soon",
    "notification-fd": "1",
    "ready-after": "-1",
    "flag-critical": "maybe",
  };
  const web = rig.service("web", { files });
  const runsv = await rig.runsv(web);
  await web.run.exit(0);
  await web.run.started(2);
  const lines = runsv.stderr().trimEnd().split("\n");
  for (const [name, value] of Object.entries(files)) {
    expect(lines.filter((line) => line.startsWith(`runsv web: warning: ${name}: "${value}" is not `))).toHaveLength(1);
  }
  expect(lines).toHaveLength(Object.keys(files).length);
  // Correct values count at the next start.
  writeFileSync(web.file("restart"), "never");
  await web.run.exit(0);
  await web.run.started(3);
  await web.run.exit(0);
  await stateToBe(rig, web, { state: "down", want: "down", starts: 3 });
});

rigTest("what is no file in the place of one holds nothing up", ourSuites, async (rig) => {
  const web = rig.service("web");
  for (const name of ["restart", "log-prefix", "timeout-kill"]) {
    expect(await rig.run("mkfifo", [web.file(name)])).toMatchObject({ code: 0 });
  }
  mkdirSync(web.file("exit-ok"));
  mkdirSync(web.file("check"));
  const runsv = await rig.runsv(web);
  await web.run.started();
  await stateToBe(rig, web, { state: "run", ready: true, readiness: null });
  await web.run.exit(0);
  await web.run.started(2);
  expect(runsv.stderr()).toContain("runsv web: warning: unable to read exit-ok: is a directory\n");
});

async function saysOnce(rig: TestRig, runsv: RunningCommand, text: string): Promise<void> {
  await rig.until("a word of runsv", () => runsv.stderr() !== "");
  expect(runsv.stderr()).toBe(text);
}
