/* cron in the foreground, with tables and a pid file of its own. A job at its start saves waiting for a minute. */
import { chmodSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { available, enable, logged, logRun, shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { privateMounts, program, withMounts } from "../rig/core/needs.ts";
import { isAlive, signalProcess } from "../rig/process/processes.ts";
import { startRunsvdir } from "../rig/runit/runsvdir.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { answer, sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const needs = program("cron", "cron") ?? privateMounts;

rigTest(
  "cron runs its jobs, which live on over sv restart and sv stop",
  ourSuites,
  async (rig) => {
    const { cron, job } = await startCron(rig);
    const first = cron.supervise.status().pid;
    expect(await sv(rig, ["restart", "cron"])).toMatchObject({ code: 0 });
    expect(cron.supervise.status().pid).not.toBe(first);
    expect(await sv(rig, ["stop", "cron"])).toMatchObject(answer("ok: down: cron: Ns, normally up\n"));
    expect(isAlive(job)).toBe(true);
    await rig.until("both starts in the log", () => logged(rig, cron).match(/cron is starting/g)?.length === 2);
  },
  { needs },
);

rigTest(
  "cron takes its lock again after its death by KILL",
  ourSuites,
  async (rig) => {
    const { cron, job } = await startCron(rig);
    const first = cron.supervise.status().pid;
    signalProcess(first, "SIGKILL");
    const second = await rig.until("another cron", () => {
      const { pid } = cron.supervise.status();
      return pid !== first && pid;
    });
    await rig.until("the lock", () => rig.read(`/proc/${second}/root/run/crond.pid`) === `${second}\n`);
    expect(isAlive(job)).toBe(true);
    expect(logged(rig, cron)).not.toContain("can't lock");
  },
  { needs },
);

/** Starts cron, and waits until its job runs; returns the job's pid. */
async function startCron(rig: TestRig): Promise<{ readonly cron: ScriptedService; readonly job: number }> {
  const cron = available(rig, "cron", {
    run: shell("exec 2>&1", "echo cron is starting", "exec cron -f -L 0"),
    log: { run: logRun },
    files: {
      "etc/cron.d/job": `@reboot root echo $$ >${rig.path("job")}; exec sleep 600\n`,
      "etc/crontab": "",
      "etc/crontabs/README": "Nobody has a table of his own.\n",
    },
  });
  chmodSync(cron.file("etc/cron.d/job"), 0o644);
  writeFileSync(rig.path("job"), "");
  enable(rig, cron);
  startRunsvdir(rig, {
    under: withMounts(
      "-t tmpfs none /run",
      ...["cron.d", "crontab"].map((name) => `--bind ${cron.file("etc", name)} /etc/${name}`),
      `--bind ${cron.file("etc/crontabs")} /var/spool/cron/crontabs`,
    ),
  });
  const job = Number(await rig.until("the job", () => rig.read(rig.path("job"))));
  await cron.stat("run");
  return { cron, job };
}
