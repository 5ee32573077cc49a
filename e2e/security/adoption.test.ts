/*
 * The record of a killed runsv names processes that the next one signals. Only what nobody else can have written counts.
 */
import {
  chmodSync,
  chownSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { expect } from "vitest";
import { asItsUser, twoUsers } from "../rig/container/two-users.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites, standalone, stock, type Suite } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
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
    async (rig) => await expectNoAdoption(rig, (web) => forge(web, rig.path("elsewhere"))),
    { needs: root },
  );
}

/** The same with what a killed runsv of runit's has left, which is in these two files. */
const forgeriesOfRunit: Readonly<Record<string, (web: ScriptedService, elsewhere: string) => void>> = {
  "a link to the status": forgeries["a link to its status"] ?? ((): void => {}),
  "a link to the pid": (web, elsewhere) => {
    renameSync(web.file("supervise/pid"), elsewhere);
    symlinkSync(elsewhere, web.file("supervise/pid"));
  },
  "another name of the pid": (web, elsewhere) => linkSync(web.file("supervise/pid"), elsewhere),
  "the pid of another user": (web) => chownSync(web.file("supervise/pid"), nobody, nobody),
  "a record that is not to be trusted beside them": (web, elsewhere) => {
    writeFileSync(elsewhere, "{}");
    symlinkSync(elsewhere, web.file("supervise/state.json"));
  },
  "a directory of another user": (web) => chownSync(web.file("supervise"), nobody, nobody),
  "a directory to which everybody may write": (web) => chmodSync(web.file("supervise"), 0o777),
};

for (const [what, forge] of Object.entries(forgeriesOfRunit)) {
  rigTest(
    `runsv adopts and kills nothing of runit's because of ${what}`,
    [standalone],
    async (rig) => await expectNoAdoption(rig, (web) => forge(web, rig.path("elsewhere")), stock),
    { needs: root ?? (stock.available ? undefined : stock.reason) },
  );
}

/** What another user does in a `supervise/` that has been given to him. */
const byAnother: Readonly<Record<string, string>> = {
  links: 'for file in status state.json; do cp $file "$1/$file"; rm -f $file; ln -s "$1/$file" $file; done',
  copies: "for file in status state.json; do cp $file .$file; mv -f .$file $file; done",
};

for (const [what, script] of Object.entries(byAnother)) {
  for (const isTakenBack of [false, true]) {
    const where = isTakenBack ? "a directory that is root's again" : "his directory";
    rigTest(
      `runsv of root's adopts and kills nothing because of ${what} that another user has put into ${where}`,
      [standalone],
      async (rig) =>
        await expectNoAdoption(rig, async (web) => {
          mkdirSync(rig.path("his"));
          chownSync(rig.path("his"), nobody, nobody);
          await asItsUser(rig, web.file("supervise"), script, rig.path("his"));
          if (isTakenBack) chownSync(web.file("supervise"), 0, 0);
        }),
      { needs: twoUsers },
    );
  }
}

/** Kills a runsv, does something to its record, and shows that the next one leaves the process in it alone. */
async function expectNoAdoption(
  rig: TestRig,
  forge: (web: ScriptedService) => void | Promise<void>,
  former?: Suite,
): Promise<void> {
  const web = rig.service("web", { run: ["trap TERM"] });
  const first = former === undefined ? await rig.runsv(web) : rig.start(former.command("runsv"), ["web"]);
  const { pid: victim } = await web.run.started();
  await web.stat("run");
  if (former === undefined) await recorded(rig, web);
  first.kill("SIGKILL");
  await rig.result(first);
  await forge(web);

  await rig.runsv(web);
  const { pid } = await web.run.started(2);
  await web.stat("run");
  await sv(rig, ["-w", "1", "force-stop", "web"]);
  await rig.until("the end of its own", () => !isAlive(pid));
  expect(isAlive(victim)).toBe(true);
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
