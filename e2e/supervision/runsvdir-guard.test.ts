/* One runsvdir for each scan directory, and what it does where it may not write. */
import { mkdirSync, renameSync, symlinkSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { isAlive } from "../rig/process/processes.ts";
import { countLines, runsvdirWarning, runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { nobody, root, user } from "../rig/process/under.ts";

rigTest("takes a directory over at once from a runsvdir that was killed", ourSuites, async (rig) => {
  const web = rig.service("web");
  const first = startRunsvdir(rig);
  const { web: runsv = 0 } = await runsvToBe(rig, first.pid, "web");
  await web.run.started();
  first.kill("SIGKILL");
  await rig.result(first);
  web.supervise.control("x");
  await rig.until("the old runsv to go", () => !isAlive(runsv));
  const second = startRunsvdir(rig);
  await runsvToBe(rig, second.pid, "web");
  await web.run.started(2);
  expect(second.stderr()).toBe("");
});

rigTest("of many started at once on a directory that a killed one left, one gets it", ourSuites, async (rig) => {
  rig.service("web");
  const killed = startRunsvdir(rig);
  await runsvToBe(rig, killed.pid, "web");
  killed.kill("SIGKILL");
  await rig.result(killed);
  const many = Array.from({ length: 6 }, () => startRunsvdir(rig));
  const losers = await rig.until("five to be refused", () => {
    const gone = many.filter(({ ending }) => ending !== undefined);
    return gone.length === many.length - 1 && gone;
  });
  const winner = many.find(({ ending }) => ending === undefined);
  expect(losers.map(({ ending }) => ending?.code)).toEqual(losers.map(() => 100));
  expect(losers.map((loser) => loser.stderr())).toEqual(
    losers.map(() => expect.stringContaining(`already taken by another runsvdir (pid ${winner?.pid})\n`)),
  );
  expect(rig.read(rig.path("service/.runsvdir/holder.json"))).toContain(`"pid":${winner?.pid},`);
});

rigTest("gives the directory back whenever it ends", ourSuites, async (rig) => {
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) {
    const runsvdir = startRunsvdir(rig);
    await rig.until("the guard", () => rig.exists(rig.path("service/.runsvdir/holder.json")));
    runsvdir.kill(signal);
    await rig.result(runsvdir);
    expect(rig.exists(rig.path("service/.runsvdir/holder.json"))).toBe(false);
    expect(rig.exists(rig.path("service/.runsvdir/lock"))).toBe(false);
  }
});

rigTest(
  "waits, with a warning, for a directory that its link leads to and another runsvdir has",
  ourSuites,
  async (rig) => {
    const [one, two] = ["one", "two"].map((name) => rig.path(name)) as [string, string];
    for (const directory of [one, two]) mkdirSync(directory);
    const old = rig.service("old", {}, one);
    const fresh = rig.service("fresh", {}, two);
    symlinkSync("one", rig.path("current"));
    const other = startRunsvdir(rig, { directory: two });
    await fresh.run.started();
    const runsvdir = startRunsvdir(rig, { directory: rig.path("current") });
    const before = await runsvToBe(rig, runsvdir.pid, "old");
    await old.run.started();
    symlinkSync("two", rig.path("current.new"));
    renameSync(rig.path("current.new"), rig.path("current"));
    const message = `unable to take scan directory: already taken by another runsvdir (pid ${other.pid})`;
    await rig.until(
      "the warning",
      () => countLines(runsvdir, runsvdirWarning(rig, message, rig.path("current"))) === 1,
    );
    expect(await runsvToBe(rig, runsvdir.pid, "old")).toEqual(before);
    other.kill("SIGHUP");
    await rig.result(other);
    await runsvToBe(rig, runsvdir.pid, "fresh");
    await fresh.run.started(2);
    await old.stat("down");
  },
);

rigTest(
  "supervises a read-only scan directory, without a word",
  ourSuites,
  async (rig) => {
    mkdirSync(rig.path("available"));
    const web = rig.service("web", {}, rig.path("available"));
    symlinkSync("../available/web", rig.path("service/web"));
    const readOnly = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"';
    const under = ["unshare", "--mount", "sh", "-c", readOnly, rig.services];
    const runsvdir = startRunsvdir(rig, { under, env: { UPKEEP_RUNDIR: rig.path("state") } });
    await web.run.started();
    symlinkSync("nowhere", rig.path("service/dangling"));
    await rig.until("a scan", () => runsvdir.stderr() !== "");
    expect(runsvdir.stderr()).toBe(`${runsvdirWarning(rig, "unable to stat dangling: file does not exist")}\n`);
    expect(rig.exists(rig.path("service/.runsvdir"))).toBe(false);
  },
  { needs: root },
);

rigTest(
  "supervises somebody else's scan directory, without a word",
  ourSuites,
  async (rig) => {
    mkdirSync(rig.path("available"));
    const web = rig.service("web", {}, rig.path("available"));
    await rig.run("chown", [`${nobody}`, web.path]);
    symlinkSync("../available/web", rig.path("service/web"));
    const runsvdir = startRunsvdir(rig, { under: user(nobody, nobody), env: { TMPDIR: web.path } });
    const { uid } = await web.run.started();
    expect([uid, runsvdir.stderr()]).toEqual([nobody, ""]);
  },
  { needs: root },
);
