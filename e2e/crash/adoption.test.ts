/*
 * SIGKILL of runsv: the next one goes on with what it finds, starts nothing twice, and touches nothing that is not its own.
 */
import { rmSync, closeSync, existsSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { expect } from "vitest";
import { shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { isAlive, signalProcess } from "../rig/process/processes.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import { runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { stateJson, stateToBe, type StateJson } from "../rig/runit/state-json.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { root } from "../rig/process/under.ts";

/** Kills the runsv of a service once its state is on record, and starts another. */
async function replace(rig: TestRig, service: ScriptedService, old: RunningCommand): Promise<RunningCommand> {
  await recorded(rig, service);
  old.kill("SIGKILL");
  await rig.result(old);
  return await rig.runsv(service);
}

/** Waits until `state.json`, which is written last, tells of the same state as `status`. */
async function recorded(rig: TestRig, service: ScriptedService): Promise<void> {
  await rig.until("the state to be on record", () => service.supervise.isOnRecord());
}

rigTest("below runsvdir the service and its log go on over ten kills, and no line is lost", ourSuites, async (rig) => {
  const web = rig.service("web", {
    run: {
      text: [
        "#!/usr/bin/perl",
        '$| = 1; open my $starts, ">>", "starts"; print $starts "$$\\n"; close $starts;',
        'for (my $n = 1; ; $n++) { print "line $n\\n"; select undef, undef, undef, 0.002 }',
        "",
      ].join("\n"),
    },
    // TERM must not end it with a line that it has read, and not written: cat would lose that.
    log: {
      run: {
        text: [
          "#!/usr/bin/perl",
          'open my $lines, ">>", "lines" or die; my $end = 0; $SIG{TERM} = sub { $end = 1 };',
          "until ($end) {",
          "  my $count = sysread STDIN, my $text, 65536;",
          "  next unless defined $count;",
          "  last if $count == 0;",
          "  syswrite $lines, $text;",
          "}",
          "",
        ].join("\n"),
      },
    },
  });
  const runsvdir = startRunsvdir(rig);
  const starts = (): readonly string[] => rig.read(web.file("starts")).split("\n").slice(0, -1);
  const lines = (): readonly string[] => rig.read(web.file("log/lines")).split("\n").slice(0, -1);
  await rig.until("the first lines", () => lines().length > 10);
  const { pid, log } = await rig.until("both pids", () => pidsOf(web));
  await rig.until("both to be on record", () => {
    const logState = JSON.parse(rig.read(web.file("log/supervise/state.json"))) as StateJson;
    return stateJson(web)["pid"] === pid && logState["pid"] === log;
  });
  let last = 0;
  for (let kills = 0; kills < 10; kills += 1) {
    const runsv = await rig.until("another runsv", async () => {
      const { web: found = 0 } = await runsvToBe(rig, runsvdir.pid, "web");
      return found !== last && web.supervise.isSupervised() && found;
    });
    expect(pidsOf(web)).toEqual({ pid, log });
    const before = lines().length;
    signalProcess(runsv, "SIGKILL");
    last = runsv;
    await rig.until("more lines", () => lines().length > before + 10);
  }
  await rig.until("the last runsv", async () => {
    const { web: found = 0 } = await runsvToBe(rig, runsvdir.pid, "web");
    return found !== last && web.supervise.isSupervised();
  });
  expect(starts()).toEqual([String(pid)]);
  expect(await sv(rig, ["status", "web"])).toMatchObject({
    stdout: `run: web: (pid ${pid}) Ns; run: log: (pid ${log}) Ns\n`,
  });

  // The logger ends, and another goes on with the same pipe.
  expect((await sv(rig, ["restart", "web/log"])).code).toBe(0);
  await rig.until("another logger", () => (pidsOf(web)?.log ?? log) !== log);
  const before = lines().length;
  await rig.until("more lines", () => lines().length > before + 10);
  expect((await sv(rig, ["stop", "web"])).code).toBe(0);
  expect(isAlive(pid)).toBe(false);
  await rig.until("the last line", async () => {
    const count = lines().length;
    await web.stat("down");
    return count > 0 && lines().length === count;
  });
  const all = lines();
  expect(all).toEqual(all.map((_, index) => `line ${index + 1}`));
  expect(runsvdir.stderr()).toBe("");
});

/** The pids that both status files tell of; undefined until both are there. */
function pidsOf(service: ScriptedService): { readonly pid: number; readonly log: number } | undefined {
  try {
    const pid = service.supervise.pid();
    const log = service.log.supervise.pid();
    return pid === undefined || log === undefined || pid === 0 || log === 0 ? undefined : { pid, log };
  } catch {
    return undefined;
  }
}

rigTest("all commands reach an adopted service, which is restarted when it ends", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["trap HUP TERM USR1"], finish: [] });
  const first = await rig.runsv(web);
  const { pid } = await web.run.started();
  const before = await stateToBe(rig, web, { state: "run", pid });
  const second = await replace(rig, web, first);
  // It tells of itself, and of nothing else that is new.
  expect(stateJson(web)).toEqual({ ...before, supervisor: expect.objectContaining({ group: second.pid }) });
  await web.stat("run");
  await sv(rig, ["hup", "web"]);
  await web.run.signalled("HUP");
  await sv(rig, ["1", "web"]);
  await web.run.signalled("USR1");
  await sv(rig, ["pause", "web"]);
  await web.stat("run, paused");
  const third = await replace(rig, web, second);
  await web.stat("run, paused");
  await sv(rig, ["cont", "web"]);
  await web.stat("run");
  await sv(rig, ["term", "web"]);
  await web.run.signalled("TERM");
  await web.stat("run, got TERM");
  await replace(rig, web, third);
  await web.stat("run, got TERM");
  await web.run.exit(3);
  const finish = await web.finish.started();
  // Its end is nobody's but its parent's, which is not runsv any more.
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
  await replace(rig, web, first);
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
  await replace(rig, web, first);
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
  await replace(rig, web, first);
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
  await replace(rig, web, first);
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

rigTest("lines of an adopted service come out behind its prefix", ourSuites, async (rig) => {
  const web = rig.service("web", { run: [], files: { "log-prefix": "" } });
  const first = await rig.runsv(web);
  await web.run.started();
  await web.stat("run");
  const second = await replace(rig, web, first);
  await web.run.tell("line one");
  await rig.until("the line", () => second.stdout() === "web | one\n");
  // It is for the next start that this is changed.
  rmSync(web.file("log-prefix"));
  const third = await replace(rig, web, second);
  await web.run.tell("line two");
  await rig.until("the other line", () => third.stdout() === "two\n");
  expect(web.run.starts()).toHaveLength(1);
});

rigTest("a ready service stays ready, and one that is not yet can become so by check", ourSuites, async (rig) => {
  const web = rig.service("web", { run: [], check: shell("test -e ready") });
  const first = await rig.runsv(web);
  await web.run.started();
  await stateToBe(rig, web, { ready: false, state: "run" });
  const second = await replace(rig, web, first);
  writeFileSync(web.file("ready"), "");
  const { readySince } = await stateToBe(rig, web, { ready: true });
  const third = await replace(rig, web, second);
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
  // A pid that was given away: by its start, and in another container that kept the files by its boot.
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
  const third = await replace(rig, web, second);
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

rigTest(
  "where nobody may look at what they have open, service and log keep their pipe, and lose no line",
  ourSuites,
  async (rig) => {
    const as = (uid: number): string => `exec setpriv --reuid ${uid} --regid ${uid} --clear-groups`;
    const count = "$| = 1; for (my $n = 1; ; $n++) { print qq(line $n\\n); select undef, undef, undef, 0.002 }";
    const web = rig.service("web", {
      run: shell(`${as(65_533)} perl -e '${count}'`),
      log: { run: shell(`${as(65_532)} cat >>lines`) },
    });
    const lines = (): readonly string[] => rig.read(web.file("log/lines")).split("\n").slice(0, -1);
    const under = ["setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace"];
    const first = await rig.runsv(web, { under });
    await rig.until("the first lines", () => lines().length > 10);
    await web.stat("run");
    await web.logStat("run");
    await rig.until("the log to be on record", () => {
      const state = JSON.parse(rig.read(web.file("log/supervise/state.json"))) as StateJson;
      return state["pid"] === web.log.supervise.pid();
    });
    await recorded(rig, web);
    const pids = pidsOf(web);
    first.kill("SIGKILL");
    await rig.result(first);
    const second = await rig.runsv(web, { under });
    expect(pidsOf(web)).toEqual(pids);
    const before = lines().length;
    await rig.until("more lines", () => lines().length > before + 10);
    expect((await sv(rig, ["kill", "web"])).code).toBe(0);
    await rig.until("both to be others", () => {
      const now = pidsOf(web);
      return now !== undefined && now.pid !== pids?.pid && now.log !== pids?.log;
    });
    await rig.until("lines of the next", () => lines().lastIndexOf("line 1") > 0);
    web.supervise.control("x");
    expect(await rig.result(second)).toMatchObject({ code: 0, stderr: "" });
    const all = lines();
    const next = all.lastIndexOf("line 1");
    expect(all).toEqual(all.map((_, index) => `line ${index < next ? index + 1 : index - next + 1}`));
  },
  { needs: root },
);

/** Writes over a file, in place. */
function write(path: string, content: string | Uint8Array): void {
  const fd = openSync(path, "w");
  writeSync(fd, typeof content === "string" ? Buffer.from(content) : content);
  closeSync(fd);
}
