/* Memory runs out: the kernel kills what has most of it, and that must be a worker. */
import { execaSync } from "execa";
import { mkdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { expect } from "vitest";
import { shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import type { Need } from "../rig/core/needs.ts";
import { MemoryGroup, memoryGroups } from "../rig/process/memory-group.ts";
import { childrenOf, isAlive, signalProcess } from "../rig/process/processes.ts";
import { runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

/** kB of a process, by the name of a line in /proc/PID/status: RssFile is what it has of files, VmHWM its peak. */
function memoryOf(pid: number, line: string): number {
  return Number(new RegExp(`^${line}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);
}

/** Waits until a supervisor has given back the code that its start has used. */
async function atRest(rig: TestRig, pid: number): Promise<void> {
  await rig.until(`little code of ${pid} in memory`, () => memoryOf(pid, "RssFile") < memoryOf(pid, "VmHWM") / 2);
}

rigTest("supervisors give back the code that their start has used", ourSuites, async (rig) => {
  rig.service("web", { log: { run: ["exit-on TERM"] } });
  const runsvdir = startRunsvdir(rig);
  const { web = 0 } = await runsvToBe(rig, runsvdir.pid, "web");
  for (const pid of [runsvdir.pid, web]) await atRest(rig, pid);
});

rigTest("svlogd gives back the code that its start has used", ourSuites, async (rig) => {
  mkdirSync(rig.path("log"));
  const svlogd = rig.start("svlogd", [rig.path("log")], { under: ["sh", "-c", 'sleep 60 | exec "$@"', "sh"] });
  const logger = await rig.until("svlogd", () =>
    childrenOf(svlogd.pid).find((pid) => readFileSync(`/proc/${pid}/comm`, "latin1") === "svlogd\n"),
  );
  await atRest(rig, logger);
});

/** kB. Where the kernel does not overcommit (vm.overcommit_memory=2), reserved address space counts in full. */
const addressSpace: Readonly<Record<string, number>> = {
  standalone: 400_000,
  inline: 400_000,
  node: 2_000_000,
};

rigTest("supervisors reserve little address space", ourSuites, async (rig) => {
  rig.service("web", { log: { run: ["exit-on TERM"] } });
  const runsvdir = startRunsvdir(rig);
  const { web = 0 } = await runsvToBe(rig, runsvdir.pid, "web");
  for (const pid of [runsvdir.pid, web]) {
    const enough = (): boolean => memoryOf(pid, "VmSize") < (addressSpace[rig.suite.name] ?? 0);
    // At first the runtime reserves what it likes. The program starts once more and says what it needs.
    await rig.until("little address space", enough);
  }
});

const scoreOf = (pid: number): number => Number(readFileSync(`/proc/${pid}/oom_score_adj`, "latin1"));

rigTest(
  "supervisors are killed after all else, and what they start is not spared",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", { log: { run: ["exit-on TERM"] } });
    const runsvdir = startRunsvdir(rig);
    const runs = [(await web.run.started()).pid, (await web.log.run.started()).pid];
    const { web: runsv = 0 } = await runsvToBe(rig, runsvdir.pid, "web");
    const own = scoreOf(process.pid);
    await rig.until("lower scores", () => [runsvdir.pid, runsv].every((pid) => scoreOf(pid) < own));
    expect(runs.map(scoreOf)).toEqual([own, own]);
  },
  { needs: lowerScores() },
);

/** Whether the kernel lets us lower the score of a process. */
function lowerScores(): Need {
  const { failed } = execaSync("sh", ["-c", "echo -1 >/proc/self/oom_score_adj"], { reject: false });
  return failed ? "CAP_SYS_RESOURCE, to lower oom_score_adj" : undefined;
}

/** A master that grows when it is told to: each of its workers takes 60 MB, which is more than a supervisor ever has. */
const pool = [
  "exec perl -e '",
  "sub touch { open my $f, q(>), $_[0] }",
  "$SIG{USR1} = sub { $grows = 1 }; $SIG{TERM} = sub { exit }; touch(q(up)); sleep 1 until $grows;",
  "for (1 .. 20) { if (!fork) { my $text = q(x) x 55e6; sleep 60 while 1 } select undef, undef, undef, 0.05 }",
  "touch(q(grown)); sleep 60 while 1'",
];
/** Room for the pool and its supervisors, in bytes. */
const room = 400e6;

rigTest(
  "workers of 60 MB are killed, and their supervisors live",
  ourSuites.filter(({ name }) => name === "standalone"),
  async (rig) => {
    const service = rig.service("pool", { run: shell(...pool) });
    using group = new MemoryGroup(basename(rig.root), room);
    const runsvdir = startRunsvdir(rig, { under: group.under });
    const { pool: runsv = 0 } = await runsvToBe(rig, runsvdir.pid, "pool");
    await rig.until("the master", () => rig.exists(service.file("up")));
    const { pid: master } = await rig.until("its pid", () => {
      const status = service.supervise.status();
      return status.state === "run" && status;
    });
    for (const pid of [runsvdir.pid, runsv]) await atRest(rig, pid);
    signalProcess(master, "SIGUSR1");
    await rig.until("the pool to have grown", () => rig.exists(service.file("grown")));
    expect(group.kills()).toBeGreaterThan(5);
    expect([runsvdir.pid, runsv, master].map(isAlive)).toEqual([true, true, true]);
    expect((await sv(rig, ["status", "pool"])).stdout).toContain(`(pid ${master})`);
  },
  { needs: memoryGroups },
);
