/* What runsvdir finds in its scan directory, and what it does when that is gone or cannot be read. */
import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { openFiles } from "../rig/process/processes.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import { countLines, runsvdirWarning, runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";
import { stateToBe } from "../rig/runit/state-json.ts";
import { ourSuites } from "../rig/core/suites.ts";

rigTest("finds a scan directory again that is removed and made anew, each time", ourSuites, async (rig) => {
  const directory = rig.path("scanned");
  mkdirSync(directory);
  const { pid } = startRunsvdir(rig, { directory });
  for (const name of ["one", "two", "three"]) {
    rig.service(name, {}, directory);
    await runsvToBe(rig, pid, name);
    // A runsv may still be making its files.
    rmSync(directory, { recursive: true, force: true, maxRetries: 20 });
    mkdirSync(directory);
  }
  rig.service("four", {}, directory);
  await runsvToBe(rig, pid, "four");
  rig.service("five", {}, directory);
  await runsvToBe(rig, pid, "four", "five");
});

rigTest("goes on with a rescan every 5 s where nothing can be watched, and says so once", ourSuites, async (rig) => {
  const web = rig.service("web");
  const unwatched = 'echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"';
  const runsvdir = startRunsvdir(rig, { under: ["unshare", "--user", "--map-root-user", "sh", "-c", unwatched, "sh"] });
  await web.run.started();
  const message = runsvdirWarning(rig, `unable to watch ${rig.services}, rescanning: process cannot open more files`);
  await rig.until("the warning", () => countLines(runsvdir, message) === 1);
  const late = rig.service("late");
  await late.run.started();
  renameSync(rig.path("service/late"), rig.path("away"));
  await runsvToBe(rig, runsvdir.pid, "web");
  expect(linesOf(runsvdir)).toBe(1);
});

rigTest("forgets no service while it cannot read the directory for lack of descriptors", ourSuites, async (rig) => {
  const web = rig.service("web");
  const runsvdir = startRunsvdir(rig);
  const before = await runsvToBe(rig, runsvdir.pid, "web");
  await rig.until("the watch", () => isWatching(runsvdir.pid));
  // An engine needs descriptors of runsvdir for its start.
  await stateToBe(rig, web, { state: "run" });
  await rig.run("prlimit", ["--pid", `${runsvdir.pid}`, "--nofile=3:1024"]);
  rig.service("late");
  const message = runsvdirWarning(rig, `unable to open directory ${rig.services}: process cannot open more files`);
  await rig.until("the warning", () => countLines(runsvdir, message) === 1);
  expect(await runsvToBe(rig, runsvdir.pid, "web")).toEqual(before);
  await rig.run("prlimit", ["--pid", `${runsvdir.pid}`, "--nofile=1024:1024"]);
  expect(await runsvToBe(rig, runsvdir.pid, "web", "late")).toMatchObject(before);
  expect(runsvdir.stderr()).toBe(`${message}\n`);
});

rigTest(
  "waits for the runsv of an entry that was removed before it starts one for the same entry again",
  ourSuites,
  async (rig) => {
    mkdirSync(rig.path("available"));
    const web = rig.service("web", { run: ["trap TERM"] }, rig.path("available"));
    const link = rig.path("service/web");
    symlinkSync("../available/web", link);
    const runsvdir = startRunsvdir(rig);
    await web.run.started();
    rmSync(link);
    await web.run.signalled("TERM");
    symlinkSync("../available/web", link);
    rig.service("sentinel");
    await runsvToBe(rig, runsvdir.pid, "web", "sentinel");
    await web.run.exit(0);
    await web.run.started(2);
    expect(runsvdir.stderr()).toBe("");
  },
);

rigTest("starts services whose names have blanks, other letters or a dash in front", ourSuites, async (rig) => {
  const names = ["a b", "äöü", "-x", "--", "two\nlines"];
  const services = names.map((name) => rig.service(name));
  const runsvdir = startRunsvdir(rig);
  for (const service of services) await service.run.started();
  expect(runsvdir.stderr()).toBe("");
});

function linesOf(command: RunningCommand): number {
  return command.stderr().split("\n").length - 1;
}

/** True while the process has an inotify instance. */
function isWatching(pid: number): boolean {
  return openFiles(pid).includes("anon_inode:inotify");
}
