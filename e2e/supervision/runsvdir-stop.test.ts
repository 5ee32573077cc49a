/* How runsvdir ends: an orderly stop, as process 1, from a terminal; and what any other signal does. */
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { isAlive, processState, signalProcess, childrenOf, commandLine } from "../rig/process/processes.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import { countLines, runsvdirWarning, runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { ourSuites, allSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { ctrlC, Terminal } from "../rig/process/terminal.ts";
import { root } from "../rig/process/under.ts";

/** In front of a command: it becomes process 1 of a bare PID namespace. */
const asProcessOne = ["unshare", "--pid", "--fork", "--mount-proc"] as const;

rigTest(
  "with --orderly, TERM stops all services and waits for the last one, starting nothing meanwhile",
  ourSuites,
  async (rig) => {
    const web = rig.service("web");
    const db = rig.service("db", { run: ["trap TERM"], log: {} });
    const runsvdir = startRunsvdir(rig, { words: ["--orderly", "--stop-timeout", "1000"] });
    await allStarted(web, db);
    await db.log.run.started();
    runsvdir.kill("SIGTERM");
    await db.run.signalled("TERM");
    const late = rig.service("late");
    await rig.until(
      "a word about whom it waits for",
      () => countLines(runsvdir, runsvdirWarning(rig, "waiting for db")) > 0,
    );
    await runsvToBe(rig, runsvdir.pid, "db");
    expect(runsvdir.ending).toBeUndefined();
    await db.run.exit(0);
    expect(await rig.result(runsvdir)).toMatchObject({ code: 0, stdout: "" });
    expect([web, db].flatMap(({ run }) => run.starts()).some(({ pid }) => isAlive(pid))).toBe(false);
    expect(late.run.starts()).toEqual([]);
  },
);

for (const signal of ["SIGHUP", "SIGINT"] as const) {
  rigTest(`with --orderly, ${signal} stops all services, too`, ourSuites, async (rig) => {
    const web = rig.service("web");
    const runsvdir = startRunsvdir(rig, { words: ["--orderly"] });
    const { pid } = await web.run.started();
    runsvdir.kill(signal);
    await expectEnd(rig, runsvdir, []);
    expect(isAlive(pid)).toBe(false);
  });
}

rigTest("an orderly stop kills at its time-out the services that do not end", ourSuites, async (rig) => {
  const deaf = rig.service("deaf", { run: ["ignore TERM"] });
  const runsvdir = startRunsvdir(rig, { words: ["--orderly", "--stop-timeout", "1"] });
  const { pid } = await deaf.run.started();
  runsvdir.kill("SIGTERM");
  await expectEnd(rig, runsvdir, [runsvdirWarning(rig, "unable to stop deaf in time, sending kill")]);
  expect(isAlive(pid)).toBe(false);
});

rigTest("a later signal shortens an orderly stop, one right after the first does not", ourSuites, async (rig) => {
  const deaf = rig.service("deaf", { run: ["trap TERM"] });
  const runsvdir = startRunsvdir(rig, { words: ["--orderly", "--stop-timeout", "1000"] });
  const { pid } = await deaf.run.started();
  runsvdir.kill("SIGTERM");
  runsvdir.kill("SIGINT");
  await deaf.run.signalled("TERM");
  const waiting = runsvdirWarning(rig, "waiting for deaf");
  await rig.until("a word about who is waited for", () => runsvdir.stderr().includes(waiting));
  runsvdir.kill("SIGINT");
  await expectEnd(rig, runsvdir, [runsvdirWarning(rig, "unable to stop deaf in time, sending kill")]);
  expect(isAlive(pid)).toBe(false);
});

rigTest("an orderly stop ends even if a runsv does not", ourSuites, async (rig) => {
  const service = rig.service("stuck");
  const runsvdir = startRunsvdir(rig, { words: ["--orderly", "--stop-timeout", "0"] });
  const { stuck = 0 } = await runsvToBe(rig, runsvdir.pid, "stuck");
  // Before it has a handler, TERM would end even a stopped process.
  await service.run.started();
  signalProcess(stuck, "SIGSTOP");
  runsvdir.kill("SIGTERM");
  const { code, stderr } = await rig.result(runsvdir);
  expect([code, stderr]).toEqual([
    0,
    expect.stringContaining(runsvdirWarning(rig, "unable to stop stuck, killing runsv")),
  ]);
  await rig.until("the end of runsv", () => !isAlive(stuck));
});

rigTest("an orderly stop without services ends at once", ourSuites, async (rig) => {
  const runsvdir = startRunsvdir(rig, { words: ["--orderly"] });
  await rig.until("the guard", () => rig.exists(rig.path("service/.runsvdir/holder.json")));
  runsvdir.kill("SIGTERM");
  await expectEnd(rig, runsvdir, []);
});

rigTest(
  "as process 1, TERM stops all services, and the exit code is 0",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", { log: {} });
    const db = rig.service("db");
    const unshare = startRunsvdir(rig, { under: asProcessOne });
    await allStarted(web, db);
    signalProcess(await onlyChild(rig, unshare), "SIGTERM");
    await expectEnd(rig, unshare, []);
    expect([web, db].map(({ supervise }) => supervise.stat())).toEqual(["down", "down"]);
  },
  { needs: root },
);

rigTest(
  "as process 1 it reaps the orphans that it adopts",
  ourSuites,
  async (rig) => {
    // A process 1 that does not reap: the test would see the zombies.
    const careless = rig.start("sh", ["-c", `${orphans} exec sleep 1000`], { under: asProcessOne });
    const sleeper = await onlyChild(rig, careless);
    // Until it becomes sleep, the shell reaps some of them.
    await rig.until("the sleeper", () => commandLine(sleeper).join(" ") === "sleep 1000");
    await killOrphans(rig, sleeper);
    await rig.until("zombies", () => childrenOf(sleeper).filter(isZombie).length === 20);
    signalProcess(sleeper, "SIGKILL");

    rig.service("web", { run: { text: `#!/bin/sh\n${orphans} exec sleep 1000\n` } });
    const unshare = startRunsvdir(rig, { under: asProcessOne });
    const one = await onlyChild(rig, unshare);
    await killOrphans(rig, one);
    // The last child is runsv.
    await rig.until("all orphans to be gone", () => childrenOf(one).length === 1);
    signalProcess(one, "SIGTERM");
    expect((await rig.result(unshare)).code).toBe(0);
  },
  { needs: root },
);

rigTest("Ctrl-C on its terminal stops all services, and the exit code is 0", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["trap TERM"] });
  using terminal = await Terminal.open(rig, `exec runsvdir ${rig.services}`);
  const { pid } = await web.run.started();
  terminal.type(ctrlC);
  await web.run.signalled("TERM");
  expect(isAlive(pid)).toBe(true);
  await web.run.exit(0);
  expect((await rig.result(terminal.command)).code).toBe(0);
  expect(web.supervise.stat()).toBe("down");
});

rigTest("INT from elsewhere ends it as runit, and leaves every runsv running", allSuites, async (rig) => {
  const web = rig.service("web");
  const runsvdir = startRunsvdir(rig);
  const { web: runsv = 0 } = await runsvToBe(rig, runsvdir.pid, "web");
  await web.run.started();
  runsvdir.kill("SIGINT");
  expect((await rig.result(runsvdir)).signal).toBe("SIGINT");
  expect(isAlive(runsv)).toBe(true);
});

rigTest("USR1 ends it", allSuites, async (rig) => {
  const runsvdir = startRunsvdir(rig);
  rig.service("web");
  await runsvToBe(rig, runsvdir.pid, "web");
  runsvdir.kill("SIGUSR1");
  expect((await rig.result(runsvdir)).signal).toBe("SIGUSR1");
});

/** Waits for its regular end, and for its messages, except about waiting, which a slow machine causes. */
async function expectEnd(rig: TestRig, command: RunningCommand, said: readonly string[]): Promise<void> {
  const { stderr, ...end } = await rig.result(command);
  expect(end).toEqual({ code: 0, signal: undefined, stdout: "" });
  const waiting = runsvdirWarning(rig, "waiting for ");
  expect(stderr.split("\n").filter((line) => line !== "" && !line.startsWith(waiting))).toEqual(said);
}

async function allStarted(...services: readonly ScriptedService[]): Promise<void> {
  for (const { run } of services) await run.started();
}

/** Shell commands that make 20 orphans. */
const orphans = "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do (sleep 999 &); done;";

/** Waits until the orphans are children of `adopter`, and kills them. */
async function killOrphans(rig: TestRig, adopter: number): Promise<void> {
  const found = await rig.until("20 orphans", () => {
    const sleepers = childrenOf(adopter).filter((child) => commandLine(child).join(" ") === "sleep 999");
    return sleepers.length === 20 && sleepers;
  });
  for (const orphan of found) signalProcess(orphan, "SIGKILL");
}

async function onlyChild(rig: TestRig, parent: RunningCommand): Promise<number> {
  return await rig.until("a child of unshare", () => childrenOf(parent.pid)[0]);
}

function isZombie(pid: number): boolean {
  return processState(pid) === "Z";
}
