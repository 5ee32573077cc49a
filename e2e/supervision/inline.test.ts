/*
 * runsvdir --inline: the engines of all services live in runsvdir, and nobody can tell from outside.
 *
 * `SUITES=inline` runs all other tests of supervision in this mode.
 */
import { mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { childrenOf, commandLine, isAlive } from "../rig/process/processes.ts";
import { limit, nobody, root, user } from "../rig/process/under.ts";
import { notInline, runsvdirWarning, runsvOf, startRunsvdir } from "../rig/runit/runsvdir.ts";
import { sv } from "../rig/runit/sv.ts";
import { stateToBe } from "../rig/runit/state-json.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { inline as inlineSuite, ourSuites, stock } from "../rig/core/suites.ts";

const suites = ourSuites.filter((suite) => suite !== inlineSuite);
const inline = { words: ["--inline"] } as const;

/** Waits until exactly these services have a runsv process below another. */
async function processesToBe(rig: TestRig, pid: number, ...services: readonly string[]): Promise<void> {
  const found = (): readonly string[] => runsvOf(pid).flatMap((runsv) => (runsv.pid === pid ? [] : [runsv.name]));
  await rig.until(`runsv processes: ${services.join(" ")}`, () => found().toSorted().join(" ") === services.join(" "));
}

rigTest("a service and its log have no runsv, and obey sv", suites, async (rig) => {
  const web = rig.service("web", { log: {} });
  const runsvdir = startRunsvdir(rig, inline);
  const first = await web.run.started();
  await web.log.run.started();
  expect(childrenOf(runsvdir.pid).filter((pid) => commandLine(pid).some((word) => word.includes("runsv")))).toEqual([]);
  expect((await sv(rig, ["restart", "web"])).stdout).toMatch(/^ok: run: web: /);
  const second = await web.run.started(2);
  expect(second.pid).not.toBe(first.pid);
  expect((await sv(rig, ["down", "web"])).code).toBe(0);
  expect((await sv(rig, ["status", "web"])).stdout).toMatch(/^down: web: /);
});

rigTest("sv exit ends the engine, which comes back after a second", suites, async (rig) => {
  const web = rig.service("web");
  startRunsvdir(rig, inline);
  await web.run.started();
  expect((await sv(rig, ["exit", "web"])).code).toBe(0);
  await web.run.started(2);
});

rigTest(
  "an entry that is removed is stopped, and a service that asks for a process has a runsv",
  suites,
  async (rig) => {
    const web = rig.service("web");
    rig.service("old", { files: { "no-setsid": "" } });
    const runsvdir = startRunsvdir(rig, inline);
    const { pid } = await web.run.started();
    await processesToBe(rig, runsvdir.pid, "old");
    writeFileSync(web.file("no-setsid"), "");
    await sv(rig, ["restart", "web"]);
    await processesToBe(rig, runsvdir.pid, "old", "web");
    expect(isAlive(pid)).toBe(false);
    const gone = rig.service("gone");
    const last = await gone.run.started();
    renameSync(gone.file(), rig.path("service/.gone"));
    await rig.until("the end of what was removed", () => !isAlive(last.pid));
  },
);

rigTest("after KILL the next runsvdir adopts all, and loses none that ends then", suites, async (rig) => {
  const services = ["a", "b", "c"].map((name) => rig.service(name, { log: {} }));
  const killed = startRunsvdir(rig, inline);
  const before = await Promise.all(services.map((service) => service.run.started()));
  await Promise.all(services.map((service) => service.log.run.started()));
  process.kill(killed.pid, "SIGKILL");
  await killed.ended;
  startRunsvdir(rig, inline);
  for (const service of services) {
    await rig.until(`${service.name} to be supervised`, () => service.supervise.isSupervised() || undefined);
  }
  for (const [at, service] of services.entries()) {
    await stateToBe(rig, service, { state: "run", pid: before[at]?.pid });
    expect(service.run.starts()).toHaveLength(1);
  }
  process.kill(before[0]?.pid ?? 0, "SIGKILL");
  await services[0]?.run.started(2);
});

rigTest("an orderly stop ends all and exits 0; HUP does so too, and exits 111", suites, async (rig) => {
  const web = rig.service("web");
  const db = rig.service("db", { run: ["exit-on TERM"] });
  const orderly = startRunsvdir(rig, { words: ["--inline", "--orderly"] });
  await Promise.all([web.run.started(), db.run.started()]);
  process.kill(orderly.pid, "SIGTERM");
  expect(await orderly.ended).toEqual({ code: 0, signal: undefined });
  const hung = startRunsvdir(rig, inline);
  const { pid } = await web.run.started(2);
  process.kill(hung.pid, "SIGHUP");
  expect((await hung.ended).code).toBe(111);
  expect(isAlive(pid)).toBe(false);
});

rigTest(
  "a service takes at most four descriptors; at the limit the others get a runsv, which is said once",
  suites,
  async (rig) => {
    const names = Array.from({ length: 12 }, (_, at) => `s${at}`);
    const services = names.map((name) => rig.service(name));
    const limited = startRunsvdir(rig, { ...inline, under: limit("-n 100") });
    await Promise.all(services.map((service) => service.run.started()));
    const text = "too few open files for ";
    await rig.until("the warning", () => limited.stderr().includes(text) || undefined);
    expect(limited.stderr().split(text)).toHaveLength(2);
    const own = readdirSync(`/proc/${limited.pid}/fd`).length;
    expect(own).toBeLessThan(100);
  },
);

rigTest(
  "goes on while it can make no process and no thread",
  suites,
  async (rig) => {
    const asNobody = { under: user(nobody, nobody) };
    const web = rig.service("web");
    await rig.run("chown", ["-R", `${nobody}`, rig.services]);
    const runsvdir = startRunsvdir(rig, { ...inline, ...asNobody });
    await web.run.started();
    // For root there is no limit of processes.
    await rig.run("prlimit", ["--pid", `${runsvdir.pid}`, "--nproc=0:"], asNobody);
    mkdirSync(rig.path("service/late"));
    // Between two tries, garbage is collected.
    const warnings = (): number => runsvdir.stderr().split("runsv late: warning: unable to fork, sleeping").length - 1;
    await rig.until("three warnings", () => warnings() >= 3);
    await rig.run("prlimit", ["--pid", `${runsvdir.pid}`, "--nproc=1000:"], asNobody);
    await web.run.die("KILL");
    await web.run.started(2);
  },
  { needs: root },
);

rigTest(
  "another suite's runsv gets all services, and one warning says so",
  suites,
  async (rig) => {
    mkdirSync(rig.path("bin"));
    symlinkSync(stock.command("runsv"), rig.path("bin/runsv"));
    const [web, db] = [rig.service("web"), rig.service("db")];
    const runsvdir = startRunsvdir(rig, { ...inline, env: { PATH: `${rig.path("bin")}:${rig.suite.path}` } });
    await Promise.all([web.run.started(), db.run.started()]);
    await processesToBe(rig, runsvdir.pid, "db", "web");
    const late = rig.service("late");
    await late.run.started();
    expect(runsvdir.stderr()).toBe(`${runsvdirWarning(rig, notInline(rig.path("bin/runsv")))}\n`);
  },
  { needs: stock.available ? undefined : stock.reason },
);

rigTest("lines of all services with a prefix come whole, by one descriptor", suites, async (rig) => {
  const names = Array.from({ length: 8 }, (_, at) => `s${at}`);
  const line = "x".repeat(6000);
  const run = { text: `#!/bin/sh\nfor i in 1 2 3 4 5; do echo ${line}; done\nexec sleep 1000\n` };
  for (const name of names) rig.service(name, { run, files: { "log-prefix": "" } });
  const runsvdir = startRunsvdir(rig, inline);
  await rig.until("all lines", () => runsvdir.stdout().split("\n").length === 41 || undefined);
  const counts = new Map<string, number>();
  for (const one of runsvdir.stdout().trimEnd().split("\n")) counts.set(one, (counts.get(one) ?? 0) + 1);
  expect(counts).toEqual(new Map(names.map((name) => [`${name} | ${line}`, 5])));
});
