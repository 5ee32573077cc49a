/*
 * An orderly stop leaves nothing running, even if a runsv has just been killed, or is not up yet.
 */
import { existsSync, renameSync, symlinkSync } from "node:fs";
import { expect } from "vitest";
import { shell } from "../rig/runit/available.ts";
import { bootMillis, isAlive, signalProcess, startedAt } from "../rig/process/processes.ts";
import { rigTest } from "../rig/core/conformance.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import { runsvOf, startRunsvdir } from "../rig/runit/runsvdir.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const lasting = shell("exec sleep 600");
/** More than the pause of runsvdir between two starts of one runsv, in ms. */
const aged = 1100;

/** Starts runsvdir with a long stop time-out on one service, and kills the runsv of that service. */
async function killRunsv(
  rig: TestRig,
  age: number,
  words: readonly string[] = ["--orderly", "--stop-timeout", "60"],
): Promise<{ readonly web: ScriptedService; readonly runsvdir: RunningCommand; readonly runsv: number }> {
  const web = rig.service("web", { run: lasting });
  const runsvdir = startRunsvdir(rig, { words });
  await web.stat("run");
  const [{ pid: runsv } = { pid: 0 }] = runsvOf(runsvdir.pid);
  await rig.until("runsv to be old enough", () => bootMillis() - startedAt(runsv) >= age);
  expect(signalProcess(runsv, "SIGKILL")).toBe(true);
  return { web, runsvdir, runsv };
}

async function expectNothingLeft(rig: TestRig, web: ScriptedService, runsvdir: RunningCommand): Promise<void> {
  const { pid } = web.supervise.status();
  expect(pid).toBeGreaterThan(0);
  runsvdir.kill("SIGTERM");
  expect((await rig.result(runsvdir)).code).toBe(0);
  expect(isAlive(pid)).toBe(false);
  expect(web.supervise.isSupervised()).toBe(false);
}

for (const [what, age] of [
  ["young", 0],
  ["old", aged],
] as const) {
  rigTest(`an orderly stop just after a ${what} runsv was killed ends its service`, ourSuites, async (rig) => {
    const { web, runsvdir } = await killRunsv(rig, age);
    await expectNothingLeft(rig, web, runsvdir);
  });

  rigTest(`an orderly stop ends a service whose ${what} runsv was killed and is gone`, ourSuites, async (rig) => {
    const { web, runsvdir, runsv } = await killRunsv(rig, age);
    await rig.until("runsv to be reaped", () => !runsvOf(runsvdir.pid).some(({ pid }) => pid === runsv));
    await expectNothingLeft(rig, web, runsvdir);
  });
}

rigTest("an orderly stop ends a service whose new runsv has only just been started", ourSuites, async (rig) => {
  const { web, runsvdir, runsv } = await killRunsv(rig, aged);
  await rig.until("the next runsv", () => runsvOf(runsvdir.pid).some(({ pid }) => pid !== runsv));
  await expectNothingLeft(rig, web, runsvdir);
});

/** Kills the runsv of a service, and stops the next one before it does anything. */
async function stopNextRunsv(rig: TestRig): ReturnType<typeof killRunsv> {
  const { web, runsvdir, runsv: former } = await killRunsv(rig, aged, []);
  const runsv = await rig.until(
    "the next runsv",
    () => runsvOf(runsvdir.pid).find(({ pid }) => pid !== former && signalProcess(pid, "SIGSTOP"))?.pid,
  );
  return { web, runsvdir, runsv };
}

rigTest(
  "a runsv that has only just replaced a killed one ends its service when runsvdir gets HUP",
  ourSuites,
  async (rig) => {
    const { web, runsvdir, runsv } = await stopNextRunsv(rig);
    const { pid } = web.supervise.status();
    runsvdir.kill("SIGHUP");
    const holder = rig.path("service/.runsvdir/holder.json");
    await rig.until("the end of supervision", () => !existsSync(holder));
    // It waits for that runsv, and scans no more.
    runsvdir.kill("SIGALRM");
    // On a crowded machine it was stopped too late: it has had TERM, and nobody waits for it.
    await rig.until(
      "ALRM to be answered",
      () => existsSync(rig.path("service/.forced-rescan")) || runsvdir.ending !== undefined,
    );
    expect(existsSync(holder)).toBe(false);
    signalProcess(runsv, "SIGCONT");
    expect((await rig.result(runsvdir)).code).toBe(111);
    await rig.until("the end of both", () => !isAlive(pid) && !isAlive(runsv));
  },
);

rigTest(
  "a runsv that has only just replaced a killed one ends its service when its entry is removed",
  ourSuites,
  async (rig) => {
    const { web, runsvdir, runsv } = await stopNextRunsv(rig);
    const { pid } = web.supervise.status();
    renameSync(web.path, rig.path("away"));
    rig.service("late", { run: lasting });
    await rig.until("a scan", () => runsvOf(runsvdir.pid).some(({ name }) => name === "late"));
    signalProcess(runsv, "SIGCONT");
    await rig.until("the end of both", () => !isAlive(pid) && !isAlive(runsv));
    expect(runsvdir.stderr()).toBe("");
  },
);

/** A service that ends at the second TERM; since the first one it has a file `told`. */
const hesitant = shell(
  "trap 'test -e told && exit; : >told' TERM",
  ": >trapped",
  "while :; do sleep 600 & wait $!; done",
);

rigTest(
  "an orderly stop ends a service whose entry was taken away and put back, and that was called back",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", { run: hesitant });
    const away = rig.path("service", ".web");
    const runsvdir = startRunsvdir(rig, { words: ["--orderly", "--stop-timeout", "60"] });
    await rig.until("./run to be prepared for TERM", () => existsSync(web.file("trapped")));
    renameSync(web.file(), away);
    await rig.until("TERM", () => existsSync(rig.path("service", ".web", "told")));
    renameSync(away, web.file());
    expect((await sv(rig, ["up", "web"])).code).toBe(0);
    await web.stat("run, got TERM");
    // A scan that has seen this entry has seen that the other one is back.
    rig.service("late", { run: lasting });
    await rig.until("a scan", () => runsvOf(runsvdir.pid).some(({ name }) => name === "late"));
    await expectNothingLeft(rig, web, runsvdir);
    expect(runsvdir.stderr()).not.toContain("unable to stop");
  },
);

for (const command of ["u", "d", "o"]) {
  rigTest(`an orderly stop ends a service that the command ${command} calls back meanwhile`, ourSuites, async (rig) => {
    const web = rig.service("web", { run: hesitant });
    const runsvdir = startRunsvdir(rig, { words: ["--orderly", "--stop-timeout", "60"] });
    await rig.until("./run to be prepared for TERM", () => existsSync(web.file("trapped")));
    await web.stat("run");
    runsvdir.kill("SIGTERM");
    await web.stat("run, got TERM, want exit");
    web.supervise.control(command);
    const { code, stderr } = await rig.result(runsvdir);
    expect([code, stderr.includes("unable to stop")]).toEqual([0, false]);
    expect(web.supervise.isSupervised()).toBe(false);
  });
}

rigTest("a runsv that waits for a log's lock ends on TERM, and what it has taken over", ourSuites, async (rig) => {
  const web = rig.service("web", { run: lasting, log: { run: shell("exec cat >/dev/null") } });
  const other = rig.service("other", { run: lasting });
  symlinkSync("../web/log", other.file("log"));
  const first = await rig.runsv(other);
  await other.stat("run");
  const { pid } = other.supervise.status();
  first.kill("SIGKILL");
  await rig.result(first);
  await rig.runsv(web);
  const waiting = rig.start("runsv", ["other"]);
  await rig.until("runsv to wait", () => waiting.stderr().includes("unable to lock log/supervise/lock, waiting"));
  waiting.kill("SIGTERM");
  expect((await rig.result(waiting)).code).toBe(0);
  expect(isAlive(pid)).toBe(false);
});
