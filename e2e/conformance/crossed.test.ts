/*
 * Crossed pairs: each of our programs with the reference's programs on the other side of the protocol.
 */
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { isAlive, signalProcess } from "../rig/process/processes.ts";
import { type Suite, mixedSuite, ourSuites, stock } from "../rig/core/suites.ts";
import { answer, sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

/** A Node for our bundles: the system's own, beside stock runit, may be too old for them. */
const runtime: Suite = { ...stock, command: () => process.env["UPKEEP_NODE"] ?? process.execPath };

/** Stock runit with some commands of ours. */
function crossed(name: string, ours: Suite, ...commands: readonly string[]): Suite {
  const taken = Object.fromEntries(commands.map((command) => [command, ours]));
  return mixedSuite(name, stock, { ...taken, node: runtime });
}

/** Our sv on stock supervisors. */
const clientPairs: readonly Suite[] = ourSuites.map((ours) => crossed(`sv of ${ours.name}, stock runsv`, ours, "sv"));

/** Those, and stock sv on our supervisors. */
const controlPairs: readonly Suite[] = [
  ...clientPairs,
  ...ourSuites.map((ours) => crossed(`stock sv, runsv of ${ours.name}`, ours, "runsv")),
];

/** Our runsvdir with stock supervisors, and stock runsvdir with ours. */
const scanPairs: readonly Suite[] = ourSuites.flatMap((ours) => [
  crossed(`runsvdir of ${ours.name}, stock runsv`, ours, "runsvdir"),
  crossed(`stock runsvdir, runsv of ${ours.name}`, ours, "runsv"),
]);

const daemontools = ["/usr/bin/svstat", "/usr/bin/svok"].every((path) => existsSync(path))
  ? undefined
  : "svstat and svok: to enable: apt-get install daemontools";

rigTest("start, status, restart and stop a service", controlPairs, async (rig) => {
  const web = rig.service("web", { down: true });
  await rig.runsv(web);
  await web.stat("down");
  expect(await sv(rig, ["status", "web"])).toMatchObject(answer("down: web: Ns\n"));
  const first = await sv(rig, ["start", "web"]);
  const { pid } = await web.run.started();
  expect(first).toMatchObject(answer(`ok: run: web: (pid ${pid}) Ns, normally down\n`));
  expect(await sv(rig, ["status", "web"])).toMatchObject(answer(`run: web: (pid ${pid}) Ns, normally down\n`));
  await web.run.tell("sleep 1");
  const second = await sv(rig, ["restart", "web"]);
  const next = await web.run.started(2);
  expect(second).toMatchObject(answer(`ok: run: web: (pid ${next.pid}) Ns, normally down\n`));
  expect(isAlive(pid)).toBe(false);
  expect(await sv(rig, ["stop", "web"])).toMatchObject(answer("ok: down: web: Ns\n"));
  expect(isAlive(next.pid)).toBe(false);
});

rigTest("a service that dies 50 ms after its start is not up for our sv", clientPairs, async (rig) => {
  const web = rig.service("web", { down: true, run: { text: "#!/bin/sh\nsleep 0.05\nexit 1\n" } });
  await rig.runsv(web);
  await web.stat("down");
  const { code, stdout } = await sv(rig, ["-w", "2", "start", "web"]);
  expect([code, stdout]).toEqual([
    1,
    expect.stringMatching(/^timeout: (down|run): web: .*s(, normally down)?(, want up)?\n$/),
  ]);
});

rigTest("send every signal", controlPairs, async (rig) => {
  const web = rig.service("web", { run: ["trap HUP ALRM INT QUIT USR1 USR2"] });
  await rig.runsv(web);
  const { pid } = await web.run.started();
  for (const [word, signal] of [
    ["hup", "HUP"],
    ["alarm", "ALRM"],
    ["interrupt", "INT"],
    ["quit", "QUIT"],
    ["1", "USR1"],
    ["2", "USR2"],
  ] as const) {
    expect(await sv(rig, [word, "web"])).toMatchObject(answer(""));
    await web.run.signalled(signal);
  }
  const paused = answer(`ok: run: web: (pid ${pid}) Ns, paused\n`);
  expect(await sv(rig, ["-v", "pause", "web"])).toMatchObject(paused);
  expect(await sv(rig, ["-v", "cont", "web"])).toMatchObject(answer(`ok: run: web: (pid ${pid}) Ns\n`));
  expect(await sv(rig, ["kill", "web"])).toMatchObject(answer(""));
  await web.run.started(2);
});

rigTest("wait for a check script, and give up when the time is over", controlPairs, async (rig) => {
  const web = rig.service("web", { run: ["ignore TERM"], check: { text: "#!/bin/sh\ntest -e ready\n" } });
  await rig.runsv(web);
  const { pid } = await web.run.started();
  await web.stat("run");
  const still = `run: web: (pid ${pid}) Ns`;
  expect(await sv(rig, ["-w", "1", "check", "web"])).toMatchObject(answer(`timeout: ${still}\n`, 1));
  await rig.run("touch", [web.file("ready")]);
  expect(await sv(rig, ["check", "web"])).toMatchObject(answer(`ok: ${still}\n`));
  const killed = answer(`kill: ${still}, want down, got TERM\n`, 1);
  expect(await sv(rig, ["-w", "5", "force-stop", "web"])).toMatchObject(killed);
  await web.stat("down");
});

rigTest("show, stop and end a service with a log service", controlPairs, async (rig) => {
  const web = rig.service("web", { run: ["line hello"], log: {} });
  const runsv = await rig.runsv(web);
  const { pid } = await web.run.started();
  const { pid: logger } = await web.log.run.started();
  await rig.until("both to be up", () => web.supervise.stat() === "run" && web.log.supervise.stat() === "run");
  const both = answer(`run: web: (pid ${pid}) Ns; run: log: (pid ${logger}) Ns\n`);
  expect(await sv(rig, ["status", "web"])).toMatchObject(both);
  expect(await sv(rig, ["-v", "stop", "web/log"])).toMatchObject(answer("ok: down: web/log: Ns, normally up\n"));
  expect((await sv(rig, ["start", "web/log"])).code).toBe(0);
  await web.log.run.started(2);
  expect(await sv(rig, ["shutdown", "web"])).toMatchObject(answer("ok: web: runsv not running\n"));
  expect((await rig.result(runsv)).code).toBe(0);
  expect(web.logged()).toBe("hello\n");
  expect(await sv(rig, ["status", "web"])).toMatchObject(answer("fail: web: runsv not running\n", 1));
});

rigTest(
  "daemontools' svok and svstat understand our supervise directories",
  ourSuites,
  async (rig) => {
    const web = rig.service("web");
    const runsv = await rig.runsv(web);
    const { pid } = await web.run.started();
    await web.stat("run");
    const svstat = async (): Promise<string> => (await rig.run("svstat", ["web"])).stdout.replace(/ \d+ s/, " N s");
    expect((await rig.run("svok", ["web"])).code).toBe(0);
    expect(await svstat()).toBe(`web: up (pid ${pid}) N seconds\n`);
    web.supervise.control("p");
    await web.stat("run, paused");
    expect(await svstat()).toBe(`web: up (pid ${pid}) N seconds, paused\n`);
    web.supervise.control("o");
    await web.stat("run, paused, want down");
    expect(await svstat()).toBe(`web: up (pid ${pid}) N seconds, paused, want down\n`);
    web.supervise.control("d");
    await web.stat("down");
    expect(await svstat()).toBe("web: down N seconds, normally up\n");
    web.supervise.control("x");
    await rig.result(runsv);
    expect((await rig.run("svok", ["web"])).code).toBe(100);
    expect(await svstat()).toBe("web: supervise not running\n");
  },
  { needs: daemontools },
);

/** Stock sv on all of our supervisors. */
const rootPairs: readonly Suite[] = ourSuites.map((ours) =>
  crossed(`stock sv, runsvdir and runsv of ${ours.name}`, ours, "runsvdir", "runsv"),
);

rigTest("see a runsv gone that was told to exit, though runsvdir starts another one", rootPairs, async (rig) => {
  const web = rig.service("web");
  rig.start("runsvdir", [rig.services]);
  for (const words of [
    ["-v", "-w", "5", "exit"],
    ["-w", "5", "shutdown"],
    ["-w", "5", "force-shutdown"],
  ]) {
    await rig.until("a supervisor", () => web.supervise.isSupervised());
    expect(await sv(rig, [...words, "web"])).toMatchObject(answer("ok: web: runsv not running\n"));
  }
  await rig.until("the next supervisor", () => web.supervise.isSupervised());
});

rigTest(
  "see it gone with svok in a loop",
  rootPairs,
  async (rig) => {
    const web = rig.service("web");
    rig.start("runsvdir", [rig.services]);
    await rig.until("a supervisor", () => web.supervise.isSupervised());
    const loop = "sv exit web; while svok web; do sleep 0.5; done; echo gone";
    expect(await rig.run("sh", ["-c", loop], { cwd: rig.services })).toMatchObject({ code: 0, stdout: "gone\n" });
  },
  { needs: daemontools },
);

rigTest("look at a service whose state.json is a FIFO", clientPairs, async (rig) => {
  const web = rig.service("web");
  await rig.runsv(web);
  const { pid } = await web.run.started();
  await web.stat("run");
  expect(await rig.run("mkfifo", [join(web.path, "supervise/state.json")])).toMatchObject({ code: 0 });
  expect(await sv(rig, ["status", "web"])).toMatchObject(answer(`run: web: (pid ${pid}) Ns\n`));
});

rigTest("start what a scan directory holds, and follow its changes", scanPairs, async (rig) => {
  const web = rig.service("web", { log: {} });
  const runsvdir = rig.start("runsvdir", ["-P", rig.services]);
  const { pid } = await web.run.started();
  await web.log.run.started();
  const late = rig.service("late");
  await late.run.started();
  await late.stat("run");
  // This runsv does not see the new name: only its entry is gone.
  renameSync(late.path, rig.path("late"));
  await rig.until("late to be stopped", () => !isAlive(late.run.starts()[0]?.pid ?? 0));
  expect(isAlive(pid)).toBe(true);
  expect((await sv(rig, ["restart", "web"])).code).toBe(0);
  await web.run.started(2);
  await endAll(rig, runsvdir.pid);
  expect((await rig.result(runsvdir)).code).toBe(111);
});

/** HUP: runsvdir sends TERM to all its runsv, and ends. */
async function endAll(rig: TestRig, runsvdir: number): Promise<void> {
  signalProcess(runsvdir, "SIGHUP");
  const down = "fail: web: runsv not running\n";
  await rig.until("runsv to end", async () => (await sv(rig, ["status", "web"])).stdout === down);
}
