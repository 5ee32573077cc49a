/* SIGKILL of runsv: the next one goes on with what it finds, starts nothing twice, and leaves alone what is not its own. */
import { closeSync, existsSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { expect } from "vitest";
import { shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { isAlive } from "../rig/process/processes.ts";
import { stateJson, stateToBe } from "../rig/runit/state-json.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { sv } from "../rig/runit/sv.ts";
import { recorded, replaceRunsv } from "../rig/runit/runsv.ts";

rigTest("all commands reach an adopted service, which is restarted when it ends", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["trap HUP TERM USR1"], finish: [] });
  const first = await rig.runsv(web);
  const { pid } = await web.run.started();
  const before = await stateToBe(rig, web, { state: "run", pid });
  const second = await replaceRunsv(rig, web, first);
  // The new record names the new runsv, and nothing else has changed.
  expect(stateJson(web)).toEqual({ ...before, supervisor: expect.objectContaining({ group: second.pid }) });
  await web.stat("run");
  await sv(rig, ["hup", "web"]);
  await web.run.signalled("HUP");
  await sv(rig, ["1", "web"]);
  await web.run.signalled("USR1");
  await sv(rig, ["pause", "web"]);
  await web.stat("run, paused");
  const third = await replaceRunsv(rig, web, second);
  await web.stat("run, paused");
  await sv(rig, ["cont", "web"]);
  await web.stat("run");
  await sv(rig, ["term", "web"]);
  await web.run.signalled("TERM");
  await web.stat("run, got TERM");
  await replaceRunsv(rig, web, third);
  await web.stat("run, got TERM");
  await web.run.exit(3);
  const finish = await web.finish.started();
  // The kernel reports its end to its parent only, and runsv is not the parent any more.
  expect(finish.argv.slice(1)).toEqual(["-1", "0", "web", String(pid)]);
  expect(web.run.starts()).toHaveLength(1);
  await web.finish.exit(0);
  const again = await web.run.started(2);
  await web.stat("run");
  await sv(rig, ["kill", "web"]);
  await web.finish.started(2);
  expect(web.finish.starts()[1]?.argv.slice(1)).toEqual(["-1", "9", "web", String(again.pid)]);
});

rigTest("an adopted service is stopped, killed, and found down as it was put", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["trap TERM"] });
  const first = await rig.runsv(web);
  await web.run.started();
  await web.stat("run");
  web.supervise.control("d");
  await web.stat("run, got TERM, want down");
  await replaceRunsv(rig, web, first);
  await web.stat("run, got TERM, want down");
  web.supervise.control("k");
  await web.stat("down");
  expect(web.run.starts()).toHaveLength(1);
});

rigTest("what an adopted service leaves in its group is ended before the next start", ourSuites, async (rig) => {
  const web = rig.service("web");
  const first = await rig.runsv(web);
  await web.run.started();
  const child = await web.run.fork(["exit-on TERM"]);
  await web.stat("run");
  await replaceRunsv(rig, web, first);
  await web.stat("run");
  await web.run.die("KILL");
  await web.run.started(2);
  expect(isAlive(child)).toBe(false);
  expect(web.run.child.signals()).toEqual(["TERM"]);
});

rigTest("a runsv killed while it ends leftovers is followed by one that goes on with them", ourSuites, async (rig) => {
  const web = rig.service("web", { run: [], files: { "timeout-kill": "600000\n" } });
  const first = await rig.runsv(web);
  const { pid } = await web.run.started();
  const child = await web.run.fork(["trap TERM"]);
  await web.stat("run");
  await web.run.die("KILL");
  await web.run.child.signalled("TERM");
  await stateToBe(rig, web, { state: "finish", pid });
  await replaceRunsv(rig, web, first);
  await web.run.child.signalled("TERM", 2);
  expect(web.run.starts()).toHaveLength(1);
  web.supervise.control("k");
  await web.run.started(2);
  expect(isAlive(child)).toBe(false);
});

rigTest("a finish whose runsv was killed is waited for", ourSuites, async (rig) => {
  const web = rig.service("web", { run: [], finish: [], files: { restart: "on-failure\n" } });
  const first = await rig.runsv(web);
  await web.run.exit(0);
  const { pid } = await web.finish.started();
  await stateToBe(rig, web, { state: "finish", pid });
  await replaceRunsv(rig, web, first);
  await web.stat("finish");
  expect(web.supervise.pid()).toBe(pid);
  await web.finish.exit(0);
  await stateToBe(rig, web, { state: "down", satisfied: true });
  expect(web.run.starts()).toHaveLength(1);
  expect(web.finish.starts()).toHaveLength(1);
});

rigTest("a runsv killed while control/u works has started nothing", ourSuites, async (rig) => {
  const web = rig.service("web", { control: { u: shell("test -e go || exec sleep 1000") } });
  const first = rig.start("runsv", ["web"]);
  await rig.until("runsv to supervise", () => web.supervise.isSupervised());
  first.kill("SIGKILL");
  await rig.result(first);
  writeFileSync(web.file("go"), "");
  await rig.runsv(web);
  await web.run.started();
  await web.stat("run");
  expect(web.run.starts()).toHaveLength(1);
});

rigTest("a ready service stays ready, and one that is not yet can become so by check", ourSuites, async (rig) => {
  const web = rig.service("web", { run: [], check: shell("test -e ready") });
  const first = await rig.runsv(web);
  await web.run.started();
  await stateToBe(rig, web, { ready: false, state: "run" });
  const second = await replaceRunsv(rig, web, first);
  writeFileSync(web.file("ready"), "");
  const { readySince } = await stateToBe(rig, web, { ready: true });
  const third = await replaceRunsv(rig, web, second);
  expect(stateJson(web)).toMatchObject({ ready: true, readySince });
  web.supervise.control("x");
  expect((await rig.result(third)).code).toBe(0);
});

rigTest("a process that only has the pid of the record is left alone", ourSuites, async (rig) => {
  const web = rig.service("web", { run: [], log: {} });
  const first = await rig.runsv(web);
  await web.run.started();
  await web.log.run.started();
  await web.stat("run");
  await web.logStat("run");
  await recorded(rig, web);
  const state = readFileSync(web.file("supervise/state.json"), "utf8");
  first.kill("SIGKILL");
  await rig.result(first);
  await web.run.die("KILL");
  const other = rig.start("perl", [
    "-e",
    '$SIG{$_} = sub { open F, ">", "signalled" } for qw(TERM CONT HUP); print "on\n"; sleep 1 while 1',
  ]);
  // The pid now belongs to another process: the start time differs, or the boot, in a container with the same files.
  const status = readFileSync(web.file("supervise/status"));
  status.writeUInt32LE(other.pid, 12);
  write(web.file("supervise/status"), status);
  const fields = JSON.parse(state) as Record<string, unknown>;
  write(web.file("supervise/state.json"), JSON.stringify({ ...fields, pid: other.pid, processGroup: other.pid }));
  const second = await rig.runsv(web);
  await web.run.started(2);
  await sv(rig, ["restart", "web"]);
  await web.run.started(3);
  const { pid } = await web.run.started(3);
  await web.stat("run");
  const third = await replaceRunsv(rig, web, second);
  expect(web.supervise.pid()).toBe(pid);
  third.kill("SIGKILL");
  await rig.result(third);
  const last = stateJson(web);
  const elsewhere = String(last["system"]).replace(/\d+$/, "1");
  write(web.file("supervise/state.json"), JSON.stringify({ ...last, system: elsewhere }));
  await rig.runsv(web);
  await web.run.started(4);
  await sv(rig, ["stop", "web"]);
  expect(isAlive(pid)).toBe(true);
  expect(isAlive(other.pid)).toBe(true);
  expect(existsSync(rig.path("service/signalled"))).toBe(false);
});

/** Writes over a file, in place. */
function write(path: string, content: string | Uint8Array): void {
  const fd = openSync(path, "w");
  writeSync(fd, typeof content === "string" ? Buffer.from(content) : content);
  closeSync(fd);
}
