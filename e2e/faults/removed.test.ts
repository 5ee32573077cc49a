/* Files and directories that are removed under a running supervisor. */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { isAlive } from "../rig/process/processes.ts";
import { runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { sv } from "../rig/runit/sv.ts";

rigTest("makes a removed log/supervise again at the log's next transition", ourSuites, async (rig) => {
  const web = rig.service("web", { log: { run: ["exit-on TERM"] } });
  await rig.runsv(web);
  await Promise.all([web.run.started(), web.log.run.started()]);
  await web.logStat("run");
  rmSync(web.log.supervise.path, { recursive: true });
  web.log.run.kill("SIGTERM");
  const { pid } = await web.log.run.started(2);
  await rig.until("the pid", () => web.log.supervise.isSupervised() && web.log.supervise.pid() === pid);
  expect(await sv(rig, ["restart", "web/log"])).toMatchObject({ code: 0 });
  await web.log.run.started(3);
});

rigTest("makes a supervise again whose place somebody else has taken meanwhile", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["trap HUP"] });
  const runsv = await rig.runsv(web);
  await web.run.started();
  await web.stat("run");
  rmSync(web.supervise.path, { recursive: true });
  writeFileSync(web.supervise.path, "not a directory");
  await web.run.die("KILL");
  const { pid } = await web.run.started(2);
  await rig.until("a warning", () => runsv.stderr() !== "");
  rmSync(web.supervise.path);
  await rig.until("the pid", () => web.supervise.isSupervised() && web.supervise.pid() === pid);
  web.supervise.control("h");
  await web.run.signalled("HUP");
});

rigTest("stops a service whose directory was removed as a whole, and its log service", ourSuites, async (rig) => {
  const web = rig.service("web", { log: {} });
  const runsvdir = startRunsvdir(rig);
  const [run, log] = await Promise.all([web.run.started(), web.log.run.started()]);
  await web.stat("run");
  await web.logStat("run");
  rmSync(web.path, { recursive: true });
  await runsvToBe(rig, runsvdir.pid);
  await rig.until("the end of both", () => ![run.pid, log.pid].some(isAlive));
});

rigTest("supervises on in a service directory that has been moved away and back", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["trap HUP"] });
  const runsv = await rig.runsv(web);
  await web.run.started();
  await web.stat("run");
  const elsewhere = rig.path("elsewhere");
  renameSync(web.path, elsewhere);
  await web.run.die("KILL");
  const { pid, cwd } = await web.run.started(2);
  expect(cwd).toBe(elsewhere);
  renameSync(elsewhere, web.path);
  await rig.until("the pid", () => web.supervise.status().pid === pid);
  web.supervise.control("h");
  await web.run.signalled("HUP");
  expect(runsv.stderr()).toBe("");
});
