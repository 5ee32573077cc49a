/*
 * The record of a killed runsv names processes that the next one signals. Only what nobody else can have written counts.
 */
import { chmodSync, chownSync, copyFileSync, linkSync, renameSync, symlinkSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites, standalone } from "../rig/core/suites.ts";
import { isAlive } from "../rig/process/processes.ts";
import { nobody, root } from "../rig/process/under.ts";
import { recorded } from "../rig/runit/runsv.ts";
import { sv } from "../rig/runit/sv.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";

/** Puts a genuine record of root's, of just this service and run of the system, where somebody else could have put it. */
const forgeries: Readonly<Record<string, (web: ScriptedService, elsewhere: string) => void>> = {
  "a link to it": (web, elsewhere) => {
    renameSync(web.file("supervise/state.json"), elsewhere);
    symlinkSync(elsewhere, web.file("supervise/state.json"));
  },
  "a link to its status": (web, elsewhere) => {
    renameSync(web.file("supervise/status"), elsewhere);
    symlinkSync(elsewhere, web.file("supervise/status"));
  },
  "another name of it": (web, elsewhere) => linkSync(web.file("supervise/state.json"), elsewhere),
  "the status of another user": (web) => chownSync(web.file("supervise/status"), nobody, nobody),
  "a record of another user": (web) => chownSync(web.file("supervise/state.json"), nobody, nobody),
  "a directory of another user": (web) => chownSync(web.file("supervise"), nobody, nobody),
  "a directory to which everybody may write": (web) => chmodSync(web.file("supervise"), 0o777),
};

for (const [what, forge] of Object.entries(forgeries)) {
  rigTest(
    `runsv adopts and kills nothing because of ${what}`,
    // What counts is the same in both builds.
    what === "a link to it" ? ourSuites : [standalone],
    async (rig) => {
      const web = rig.service("web", { run: ["trap TERM"] });
      const first = await rig.runsv(web);
      const { pid: victim } = await web.run.started();
      await web.stat("run");
      await recorded(rig, web);
      first.kill("SIGKILL");
      await rig.result(first);
      forge(web, rig.path("elsewhere"));

      await rig.runsv(web);
      const { pid } = await web.run.started(2);
      await web.stat("run");
      await sv(rig, ["-w", "1", "force-stop", "web"]);
      await rig.until("the end of its own", () => !isAlive(pid));
      expect(isAlive(victim)).toBe(true);
    },
    { needs: root },
  );
}

rigTest("runsv adopts what such a record names where all of it is its own", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["trap TERM"] });
  const first = await rig.runsv(web);
  const { pid } = await web.run.started();
  await web.stat("run");
  await recorded(rig, web);
  first.kill("SIGKILL");
  await rig.result(first);
  // As a restored backup would be: another file, which is ours.
  copyFileSync(web.file("supervise/state.json"), rig.path("copy"));
  renameSync(rig.path("copy"), web.file("supervise/state.json"));
  await rig.runsv(web);
  await web.stat("run");
  expect(web.supervise.pid()).toBe(pid);
  expect(web.run.starts()).toHaveLength(1);
});
