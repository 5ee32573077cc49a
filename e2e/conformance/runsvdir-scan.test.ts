import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect } from "vitest";
import { bootMillis, isAlive, commandLine, startedAt } from "../rig/process/processes.ts";
import { line } from "../rig/core/conformance.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import { countLines, runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { node } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const warnsOnce =
  "a message that comes again and again hides the others; it is said once, and again when the reason changes";
const eventDriven = "a change in the scan directory wakes runsvdir; the rescan every 5 s stays behind it";

line("DIR-02", "goes on without its directory, says so about once a second, and scans it when it appears", {
  stock: async (rig) => {
    const directory = rig.path("later");
    const runsvdir = startRunsvdir(rig, { directory });
    const message = `runsvdir ${directory}: warning: unable to stat ${directory}: file does not exist`;
    await rig.until("three warnings", () => countLines(runsvdir, message) >= 3);
    makeServices(rig, directory, "web");
    await runsvToBe(rig, runsvdir.pid, "web");
  },
  ours: async (rig) => {
    const directory = rig.path("later");
    const runsvdir = startRunsvdir(rig, { directory });
    const message = `runsvdir ${directory}: warning: unable to stat ${directory}: file does not exist`;
    await rig.until("the warning", () => countLines(runsvdir, message) === 1);
    // Made elsewhere and renamed, so that it appears at one moment.
    makeServices(rig, rig.path("prepared"), "web");
    renameSync(rig.path("prepared"), directory);
    const { web } = await runsvToBe(rig, runsvdir.pid, "web");
    expect(runsvdir.stderr()).toBe(`${message}\n`);
    await allAtWork(rig, directory, "web");
    renameSync(directory, rig.path("away"));
    await rig.until("a second warning", () => countLines(runsvdir, message) === 2);
    expect(isAlive(web ?? 0)).toBe(true);
  },
  instead: "goes on without its directory, says so once, and scans it when it appears; says so again when it vanishes",
  because: warnsOnce,
});

line("DIR-03", "skips dot entries and plain files silently, and warns of a dangling link at each scan", {
  stock: async (rig) => {
    const runsvdir = await startAmongOddities(rig);
    // It reads the entries in any order, so it may find the service first.
    await rig.until("a warning", () => countLines(runsvdir, dangling(rig)) >= 1);
    expect(linesOf(runsvdir)).toEqual([dangling(rig)]);
    makeServices(rig, rig.services, "later");
    await rig.until("a second warning", () => countLines(runsvdir, dangling(rig)) >= 2);
  },
  ours: async (rig) => {
    const runsvdir = await startAmongOddities(rig);
    makeServices(rig, rig.services, "later");
    await runsvToBe(rig, runsvdir.pid, "web", "later");
    expect(runsvdir.stderr()).toBe(`${dangling(rig)}\n`);
    rmSync(rig.path("service/dangling"));
    makeServices(rig, rig.path("elsewhere"), "target");
    symlinkSync("../elsewhere/target", rig.path("service/dangling"));
    await runsvToBe(rig, runsvdir.pid, "web", "later", "dangling");
  },
  instead: "skips dot entries and plain files silently, and warns of a dangling link once",
  because: warnsOnce,
});

line("DIR-04", "starts the first runsv a second after its own start, as `runsv NAME` in the directory", {
  stock: async (rig) => {
    // It sleeps when the directory has changed within this second, which may be over by then.
    await rig.until("a first start after a second", async () => (await firstStart(rig)) >= 950);
    await expectStartedInDirectory(rig);
  },
  ours: async (rig) => {
    // On a loaded machine the program itself may need seconds until it runs, as long as one that does nothing.
    // Of two that need about the same time, one may be late, but not each time.
    const isAtOnce = async (): Promise<boolean> => {
      const begin = performance.now();
      await rig.run("runsvdir");
      const nothing = performance.now() - begin;
      return (await firstStart(rig)) - nothing < 500;
    };
    await rig.until("a first start at once", isAtOnce, 300_000);
    await expectStartedInDirectory(rig);
  },
  instead: "starts the first runsv at once, as `runsv NAME` in the directory",
  because: "runit sleeps a second before its first scan, which serves nothing",
});

line("DIR-05", "starts a runsv for a new entry within 6.5 s", {
  stock: async (rig) => {
    const { pid } = await startOne(rig);
    makeServices(rig, rig.services, "new");
    await runsvToBe(rig, pid, "web", "new");
  },
  ours: async (rig) => {
    const { pid } = await startOne(rig);
    const names = ["web"];
    await expectSoon(async () => {
      names.push(`new-${names.length}`);
      const made = makeServices(rig, rig.services, names.at(-1) ?? "");
      const runsv = await runsvToBe(rig, pid, ...names);
      return startedAt(runsv[names.at(-1) ?? ""] ?? 0) - made;
    });
  },
  instead: "starts a runsv for a new entry within milliseconds",
  because: eventDriven,
});

line("DIR-06", "sends TERM to the runsv of a removed entry within 6.5 s", {
  stock: async (rig) => {
    const { pid } = await startOne(rig, "old");
    rmSync(rig.path("service/old"));
    await runsvToBe(rig, pid, "web");
  },
  ours: async (rig) => {
    const left = Array.from({ length: attempts }, (_, index) => `old-${index}`);
    const { pid, services } = await startOne(rig, ...left);
    await expectSoon(async () => {
      const name = left.pop() ?? "";
      const removed = bootMillis();
      rmSync(rig.path("service", name));
      await runsvToBe(rig, pid, "web", ...left);
      const ended = services
        .get(name)
        ?.run.events()
        .find(({ event }) => event === "signal");
      return (ended?.at ?? Infinity) - removed;
    });
  },
  instead: "sends TERM to the runsv of a removed entry within milliseconds",
  because: eventDriven,
});

line("DIR-07", "leaves the runsv of a renamed entry as it is, old name and all", {
  test: async (rig) => {
    const { pid, runsv } = await startOne(rig);
    renameSync(rig.path("service/web"), rig.path("service/www"));
    await afterAScan(rig, pid, "web");
    expect((await runsvToBe(rig, pid, "web", "sentinel"))["web"]).toBe(runsv["web"]);
  },
});

line("DIR-08", "starts nothing for a second link to a directory", {
  test: async (rig) => {
    const { pid, runsv } = await startOne(rig);
    symlinkSync("web", rig.path("service/a-second-name"));
    await afterAScan(rig, pid, "web");
    expect((await runsvToBe(rig, pid, "web", "sentinel"))["web"]).toBe(runsv["web"]);
  },
});

line("DIR-09", "replaces the runsv of a link that leads to another directory now", {
  test: async (rig) => {
    const { pid, runsv } = await startOne(rig);
    makeServices(rig, rig.path("elsewhere"), "other");
    replaceLink(rig.path("service/web"), "../elsewhere/other");
    const now = await rig.until("another runsv", async () => {
      const found = await runsvToBe(rig, pid, "web");
      return found["web"] !== runsv["web"] && found;
    });
    await rig.until("the old one to go", () => !isAlive(runsv["web"] ?? 0));
    expect(Object.keys(now)).toEqual(["web"]);
  },
});

line("DIR-10", "replaces all runsv when the directory is a link that is switched", {
  test: async (rig) => {
    makeServices(rig, rig.path("one"), "a", "b");
    makeServices(rig, rig.path("two"), "a", "c");
    const directory = rig.path("current");
    symlinkSync("one", directory);
    const { pid } = startRunsvdir(rig, { directory });
    const old = await runsvToBe(rig, pid, "a", "b");
    await allAtWork(rig, rig.path("one"), "a", "b");
    replaceLink(directory, "two");
    await rig.until("another runsv of a", async () => (await runsvToBe(rig, pid, "a", "c"))["a"] !== old["a"]);
    await rig.until("the old ones to go", () => !Object.values(old).some(isAlive));
  },
});

line("DIR-11", "leaves all as it is while its directory is moved away, and when it comes back", {
  test: async (rig) => {
    const directory = rig.path("scanned");
    makeServices(rig, directory, "web", "db");
    const runsvdir = startRunsvdir(rig, { directory });
    const before = await runsvToBe(rig, runsvdir.pid, "web", "db");
    await allAtWork(rig, directory, "web", "db");
    renameSync(directory, rig.path("away"));
    const message = `runsvdir ${directory}: warning: unable to stat ${directory}: file does not exist`;
    await rig.until("the warning", () => countLines(runsvdir, message) > 0);
    expect(await runsvToBe(rig, runsvdir.pid, "web", "db")).toEqual(before);
    renameSync(rig.path("away"), directory);
    makeServices(rig, directory, "sentinel");
    expect(await runsvToBe(rig, runsvdir.pid, "web", "db", "sentinel")).toMatchObject(before);
  },
});

/** Each scan puts the next rescan off for 5 s, so a rescan finds nothing sooner. */
const soon = 2000;
/** A loaded machine may be late, but not each time. */
const attempts = 6;

/** Expects that one of a few attempts takes hardly any time; each attempt returns its milliseconds. */
async function expectSoon(attempt: () => Promise<number>): Promise<void> {
  const taken: number[] = [];
  while (!taken.some((millis) => millis < soon) && taken.length < attempts) taken.push(await attempt());
  expect(Math.min(...taken)).toBeLessThan(soon);
}

/** Makes service directories elsewhere and renames them into place; returns when the last one appeared. */
function makeServices(rig: TestRig, directory: string, ...names: readonly string[]): number {
  mkdirSync(directory, { recursive: true });
  const parent = mkdtempSync(rig.path("made-"));
  const services = names.map((name) => rig.service(name, { run: ["exit-on TERM"] }, parent));
  const now = bootMillis();
  for (const service of services) renameSync(service.path, join(directory, service.name));
  return now;
}

/** Waits until each runsv has found its directory. Until then it needs the name that it was given. */
async function allAtWork(rig: TestRig, directory: string, ...names: readonly string[]): Promise<void> {
  await rig.until("all services to have a status", () =>
    names.every((name) => rig.exists(join(directory, name, "supervise/status"))),
  );
}

/** runsvdir with services behind links, so that an entry can be removed in one step. */
async function startOne(rig: TestRig, ...more: readonly string[]): Promise<Started> {
  const names = ["web", ...more];
  mkdirSync(rig.path("available"));
  const made = names.map((name) => rig.service(name, { run: ["exit-on TERM"] }, rig.path("available")));
  for (const name of names) symlinkSync(`../available/${name}`, rig.path(`service/${name}`));
  const { pid } = startRunsvdir(rig);
  await allAtWork(rig, rig.path("available"), ...names);
  const services = new Map(made.map((service) => [service.name, service]));
  return { pid, runsv: await runsvToBe(rig, pid, ...names), services };
}

interface Started {
  readonly pid: number;
  readonly runsv: Readonly<Record<string, number>>;
  readonly services: ReadonlyMap<string, ScriptedService>;
}

/** Waits for a scan that has seen all changes so far. */
async function afterAScan(rig: TestRig, pid: number, ...others: readonly string[]): Promise<void> {
  makeServices(rig, rig.services, "sentinel");
  await runsvToBe(rig, pid, "sentinel", ...others);
}

/** Changes a link in one step. The name of the new link begins with a dot, so it is no entry until it is in place. */
function replaceLink(path: string, target: string): void {
  const fresh = join(path, `../.${basename(path)}`);
  symlinkSync(target, fresh);
  renameSync(fresh, path);
}

function dangling(rig: TestRig): string {
  return `runsvdir ${rig.services}: warning: unable to stat dangling: file does not exist`;
}

async function startAmongOddities(rig: TestRig): Promise<RunningCommand> {
  makeServices(rig, rig.services, "web", ".hidden");
  writeFileSync(rig.path("service/file"), "");
  symlinkSync("nowhere", rig.path("service/dangling"));
  const runsvdir = startRunsvdir(rig);
  await runsvToBe(rig, runsvdir.pid, "web");
  return runsvdir;
}

/** The lines on standard error, each once. */
function linesOf(command: RunningCommand): readonly string[] {
  return [...new Set(command.stderr().split("\n").slice(0, -1))];
}

/** Milliseconds from the start of a runsvdir to the start of its first runsv, by the kernel's clock. */
async function firstStart(rig: TestRig): Promise<number> {
  const directory = mkdtempSync(rig.path("first-"));
  makeServices(rig, directory, "web");
  const runsvdir = startRunsvdir(rig, { directory });
  const { web = 0 } = await runsvToBe(rig, runsvdir.pid, "web");
  const waited = startedAt(web) - startedAt(runsvdir.pid);
  // On Node the words of a command begin with the interpreter.
  if (rig.suite !== node) expect(commandLine(web)).toEqual(["runsv", "web"]);
  runsvdir.kill("SIGHUP");
  await runsvdir.ended;
  return waited;
}

async function expectStartedInDirectory(rig: TestRig): Promise<void> {
  const fake = rig.service("fake", {}, rig.root);
  mkdirSync(rig.path("bin"));
  symlinkSync(fake.run.path, rig.path("bin/runsv"));
  const directory = rig.path("scanned");
  makeServices(rig, directory, "web");
  startRunsvdir(rig, { directory, env: { PATH: `${rig.path("bin")}:${rig.suite.path}` } });
  const { argv, cwd } = await fake.run.started();
  expect([argv.slice(1), cwd]).toEqual([["web"], directory]);
}
