/* SIGKILL of runsv: what an adopted service writes reaches its log or its prefix, and no line is lost. */
import { rmSync } from "node:fs";
import { expect } from "vitest";
import { shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { isAlive, signalProcess } from "../rig/process/processes.ts";
import { runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { stateJson, type StateJson } from "../rig/runit/state-json.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { sv } from "../rig/runit/sv.ts";
import { root } from "../rig/process/under.ts";
import { recorded, replaceRunsv } from "../rig/runit/runsv.ts";

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
    // On TERM it must first write the line that it has read: cat would lose that.
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

rigTest("lines of an adopted service come out behind its prefix", ourSuites, async (rig) => {
  const web = rig.service("web", { run: [], files: { "log-prefix": "" } });
  const first = await rig.runsv(web);
  await web.run.started();
  await web.stat("run");
  const second = await replaceRunsv(rig, web, first);
  await web.run.tell("line one");
  await rig.until("the line", () => second.stdout() === "web | one\n");
  // This change counts for the next start.
  rmSync(web.file("log-prefix"));
  const third = await replaceRunsv(rig, web, second);
  await web.run.tell("line two");
  await rig.until("the other line", () => third.stdout() === "two\n");
  expect(web.run.starts()).toHaveLength(1);
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

/** The pids of both status files; undefined until both are there. */
function pidsOf(service: ScriptedService): { readonly pid: number; readonly log: number } | undefined {
  try {
    const pid = service.supervise.pid();
    const log = service.log.supervise.pid();
    return pid === undefined || log === undefined || pid === 0 || log === 0 ? undefined : { pid, log };
  } catch {
    return undefined;
  }
}
