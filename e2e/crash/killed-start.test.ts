/*
 * SIGKILL of runsv between the start of a process and its record: the next runsv finds the process, and starts no
 * second one. strace kills it at a rename: runsv renames every file of supervise/ into place, in a fixed order.
 */
import { readlinkSync } from "node:fs";
import { expect } from "vitest";
import { shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { program } from "../rig/core/needs.ts";
import { isAlive, signalProcess } from "../rig/process/processes.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { stateJson, stateToBe } from "../rig/runit/state-json.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const needs = { needs: program("strace", "strace") };

/** Number of files that runsv writes when it opens a supervise directory: the status. */
const opened = 1;
/** Number of files that it writes when another process runs. */
const files = 4;
/** Before a start runsv writes one more. */
const announced = 1;

/** Starts a runsv, and kills it just before it renames the file with this number, counted from 1. */
async function killedAt(rig: TestRig, service: ScriptedService, rename: number): Promise<void> {
  await toBeKilled(rig, startToBeKilledAt(rig, service, rename));
}

function startToBeKilledAt(rig: TestRig, service: ScriptedService, rename: number): RunningCommand {
  const calls = "rename,renameat,renameat2";
  // Detached, so that runsv stays a child of the rig: only another runsv of the same parent may use its record.
  const strace = ["strace", "-D", "-o", rig.path("trace"), "-e", `trace=${calls}`];
  const under = [...strace, "-e", `inject=${calls}:signal=KILL:when=${rename}`];
  return rig.start("runsv", [service.name], { under });
}

async function toBeKilled(rig: TestRig, runsv: RunningCommand): Promise<void> {
  expect(await rig.result(runsv)).toMatchObject({ signal: "SIGKILL" });
}

for (const [where, rename] of [
  ["before any file tells of it", opened + announced + 1],
  ["when status tells of it, and state.json does not", opened + announced + files],
] as const) {
  rigTest(
    `a run whose runsv was killed ${where} goes on, once`,
    ourSuites,
    async (rig) => {
      const web = rig.service("web", { run: ["trap HUP"] });
      await killedAt(rig, web, rename);
      const { pid } = await web.run.started();
      expect(stateJson(web)["starting"]).toMatchObject({ what: "run" });
      await rig.runsv(web);
      await stateToBe(rig, web, { state: "run", pid, want: "up", starts: 1, starting: null });
      web.supervise.control("h");
      await web.run.signalled("HUP");
      await web.run.die("KILL");
      await web.run.started(2);
      await stateToBe(rig, web, { state: "run", starts: 2 });
    },
    needs,
  );
}

rigTest(
  "a run that is killed before it has a session of its own costs nobody else anything",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", { run: [] });
    const strace = ["strace", "-D", "-f", "-o", rig.path("trace"), "-e", "trace=setsid"];
    const runsv = rig.start("runsv", [web.name], { under: [...strace, "-e", "inject=setsid:signal=KILL"] });
    // Until then it is in runsv's process group, which must not be ended together with it.
    await rig.until("the second try", () => Number(stateJson(web)["starts"]) >= 2);
    await stateToBe(rig, web, { state: "down", want: "up" });
    expect(stateJson(web)["lastExit"]).toMatchObject({ code: null, signal: 9 });
    web.supervise.control("x");
    expect((await rig.result(runsv)).code).toBe(0);
  },
  needs,
);

rigTest(
  "sv down is kept where status tells of it, and state.json does not",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", { run: ["trap TERM"] });
    // The pid has not changed: stat and status are written, and state.json is next.
    const first = startToBeKilledAt(rig, web, opened + announced + files + 3);
    const { pid } = await web.run.started();
    await stateToBe(rig, web, { state: "run", pid, want: "up", starting: null });
    web.supervise.control("d");
    await toBeKilled(rig, first);
    expect(stateJson(web)).toMatchObject({ want: "up" });
    await rig.runsv(web);
    await stateToBe(rig, web, { state: "run", pid, want: "down", gotTerm: true });
    await web.run.die("KILL");
    await stateToBe(rig, web, { state: "down", want: "down", starts: 1 });
  },
  needs,
);

rigTest(
  "a run without a session of its own is known by that of the runsv that was killed",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", { run: [], files: { "no-setsid": "" } });
    await killedAt(rig, web, opened + announced + 1);
    const { pid } = await web.run.started();
    await rig.runsv(web);
    await stateToBe(rig, web, { state: "run", pid, starts: 1 });
    await web.run.die("KILL");
    await web.run.started(2);
  },
  needs,
);

rigTest(
  "a runsv killed before the start has started nothing, and the next one starts it",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", { run: [] });
    await killedAt(rig, web, opened + announced);
    await rig.runsv(web);
    await stateToBe(rig, web, { state: "run", starts: 1 });
    await web.run.started();
    await web.stat("run");
    expect(web.run.starts()).toHaveLength(1);
  },
  needs,
);

rigTest(
  "a finish whose runsv was killed before any file tells of it is waited for, and ends a job that is done",
  ourSuites,
  async (rig) => {
    const job = rig.service("job", { run: ["exit 0"], finish: [], files: { restart: "never" } });
    await killedAt(rig, job, opened + announced + files + announced + 1);
    const { pid } = await job.finish.started();
    await rig.runsv(job);
    await stateToBe(rig, job, { state: "finish", pid });
    await job.finish.exit(0);
    await stateToBe(rig, job, { state: "down", want: "down", satisfied: true, starts: 1 });
    expect(job.run.starts()).toHaveLength(1);
    expect(job.finish.starts()).toHaveLength(1);
  },
  needs,
);

rigTest(
  "service and log are known by the pipe between them when the script has gone elsewhere",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", {
      run: shell("echo $$ >>starts; cd /; exec sleep 1000"),
      log: { run: shell("echo $$ >>starts; cd /; exec cat") },
    });
    // runsv announces the log and then the service, and writes all files of the service after that.
    await killedAt(rig, web, 2 * opened + 2 * announced + 1);
    const startsOf = (entry: string): readonly number[] =>
      rig.read(web.file(entry)).split("\n").slice(0, -1).map(Number);
    const pids = await rig.until("both to be elsewhere", () => {
      const [run, log] = [...startsOf("starts"), ...startsOf("log/starts")];
      return run !== undefined && log !== undefined && [run, log].every(isElsewhere) && { run, log };
    });
    await rig.runsv(web);
    await stateToBe(rig, web, { state: "run", pid: pids.run });
    await web.logStat("run");
    expect(web.log.supervise.pid()).toBe(pids.log);
    expect([startsOf("starts"), startsOf("log/starts")]).toEqual([[pids.run], [pids.log]]);
  },
  needs,
);

function isElsewhere(pid: number): boolean {
  return readlinkSync(`/proc/${pid}/cwd`) === "/";
}

rigTest(
  "of two that it could be none is taken, and neither is touched",
  ourSuites,
  async (rig) => {
    // The other process leads a session as well, and its parent has gone.
    const web = rig.service("web", {
      run: shell("echo $$ >>starts; setsid -f sh -c 'echo $$ >other; exec sleep 1000'; exec sleep 1000"),
    });
    const starts = (): readonly number[] => rig.read(web.file("starts")).split("\n").slice(0, -1).map(Number);
    await killedAt(rig, web, opened + announced + 1);
    const other = await rig.until("the other one", () => Number(rig.read(web.file("other"))) || undefined);
    // Then setsid has ended, which was the parent of the other process.
    await rig.until("the first start to go on", () => rig.read(`/proc/${starts()[0]}/comm`) === "sleep\n");
    await rig.runsv(web);
    await rig.until("another start", () => starts().length === 2);
    await web.stat("run");
    expect(web.supervise.pid()).toBe(starts()[1]);
    for (const pid of [other, starts()[0] ?? 0]) {
      expect(isAlive(pid)).toBe(true);
      signalProcess(pid, "SIGKILL");
    }
  },
  needs,
);
