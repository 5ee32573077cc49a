import { mkdirSync, statSync, symlinkSync } from "node:fs";
import { expect } from "vitest";
import { bootMillis, isAlive, signalProcess, startedAt } from "../rig/process/processes.ts";
import { line } from "../rig/core/conformance.ts";
import { countLines, runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { sv } from "../rig/runit/sv.ts";
import { stateToBe } from "../rig/runit/state-json.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

line("DIR-01", "prints its usage and exits 1 without a directory, and with -P alone", {
  test: async (rig) => {
    const usage = { code: 1, signal: undefined, stdout: "", stderr: "usage: runsvdir [-P] dir\n\n" };
    expect(await rig.run("runsvdir")).toEqual(usage);
    expect(await rig.run("runsvdir", ["-P"])).toEqual(usage);
    expect(await rig.run("runsvdir", ["--"])).toEqual(usage);
  },
});

line("DIR-12", "replaces a runsv that was killed within 5.5 s, and starts its service a second time", {
  stock: async (rig) => {
    const web = rig.service("web");
    const { pid } = startRunsvdir(rig);
    const { web: runsv = 0 } = await runsvToBe(rig, pid, "web");
    const first = await web.run.started();
    signalProcess(runsv, "SIGKILL");
    await web.run.started(2);
    expect(isAlive(first.pid)).toBe(true);
  },
  ours: async (rig) => {
    const web = rig.service("web");
    const { pid } = startRunsvdir(rig);
    const first = await web.run.started();
    await stateToBe(rig, web, { pid: first.pid });
    // A loaded machine may be late once, but not each time.
    let waited = Infinity;
    for (let tries = 5; waited >= 2000 && tries > 0; tries--) waited = await replaceKilled(rig, pid);
    expect(waited).toBeLessThan(2000);
    await rig.until("the last runsv to supervise", () => web.supervise.isSupervised());
    expect(web.supervise.pid()).toBe(first.pid);
    expect(web.run.starts()).toHaveLength(1);
  },
  instead: "replaces a runsv that was killed at once, and the new one goes on with the service",
  because: "a service must neither go unsupervised for 5 s nor run twice",
});

line("DIR-12", "replaces a runsv that is killed again and again about once a second", {
  test: async (rig) => {
    rig.service("web");
    const { pid } = startRunsvdir(rig);
    const starts: number[] = [];
    let last = 0;
    while (starts.length < 3) {
      const { web = 0 } = await rig.until("another runsv", async () => {
        const found = await runsvToBe(rig, pid, "web");
        return found["web"] !== last && found;
      });
      starts.push(startedAt(web));
      signalProcess(web, "SIGKILL");
      last = web;
    }
    for (const [index, start] of starts.slice(1).entries())
      expect(start - (starts[index] ?? 0)).toBeGreaterThanOrEqual(980);
  },
});

line("DIR-12", "starts a runsv that was told to exit so late that a client that polls has seen it gone", {
  test: async (rig) => {
    rig.service("web");
    const runsvdir = startRunsvdir(rig);
    // Stock runsvdir looks every 5 s, which may be just then.
    const isSeen = async (...words: readonly string[]): Promise<boolean> => {
      await runsvToBe(rig, runsvdir.pid, "web");
      await rig.until("a supervisor", async () => (await sv(rig, ["status", "web"])).code === 0);
      const { code, stdout } = await sv(rig, words);
      return code === 0 && stdout === "ok: web: runsv not running\n";
    };
    for (const words of [
      ["-v", "-w", "5", "exit"],
      ["-w", "5", "shutdown"],
      ["-w", "5", "force-shutdown"],
    ])
      await rig.until(`sv ${words.join(" ")} to be ok`, () => isSeen(...words, "web"));
    await runsvToBe(rig, runsvdir.pid, "web");
  },
});

line("DIR-13", "exits 0 on TERM, and leaves every runsv running", {
  test: async (rig) => {
    const services = [rig.service("web"), rig.service("db")];
    const runsvdir = startRunsvdir(rig);
    const runsv = await runsvToBe(rig, runsvdir.pid, "web", "db");
    await allSupervised(rig, services);
    runsvdir.kill("SIGTERM");
    expect(await rig.result(runsvdir)).toEqual({ code: 0, signal: undefined, stdout: "", stderr: "" });
    for (const service of services) {
      // A runsv that answers a command has not been told to end.
      service.supervise.control("o");
      await service.stat("run, want down");
    }
    expect(Object.values(runsv).every(isAlive)).toBe(true);
  },
});

line("DIR-14", "sends TERM to each runsv on HUP, and exits 111 without waiting for them", {
  test: async (rig) => {
    const services = ["web", "db"].map((name) => rig.service(name, { run: ["trap TERM"] }));
    const runsvdir = startRunsvdir(rig);
    const runsv = await runsvToBe(rig, runsvdir.pid, "web", "db");
    await allSupervised(rig, services);
    for (const service of services) await service.run.started();
    runsvdir.kill("SIGHUP");
    expect(await rig.result(runsvdir)).toEqual({ code: 111, signal: undefined, stdout: "", stderr: "" });
    for (const service of services) {
      await service.run.signalled("TERM");
      await service.stat("run, got TERM, want exit");
    }
    expect(Object.values(runsv).every(isAlive)).toBe(true);
  },
});

line("DIR-19", "keeps trying beside another runsvdir on the same directory, whose runsv hold the locks", {
  stock: async (rig) => {
    const web = rig.service("web");
    const first = startRunsvdir(rig);
    await runsvToBe(rig, first.pid, "web");
    // Then the first one's runsv has the lock.
    await web.run.started();
    const second = startRunsvdir(rig);
    const message = "runsv web: fatal: unable to lock supervise/lock: temporary failure";
    await rig.until("two messages", () => countLines(second, message) >= 2);
    expect(second.ending).toBeUndefined();
  },
  ours: async (rig) => {
    rig.service("web");
    const first = startRunsvdir(rig);
    const before = await runsvToBe(rig, first.pid, "web");
    const message = `unable to take scan directory: already taken by another runsvdir (pid ${first.pid})`;
    expect(await rig.run("runsvdir", [rig.services])).toEqual({
      code: 100,
      signal: undefined,
      stdout: "",
      stderr: `runsvdir ${rig.services}: fatal: ${message}\n`,
    });
    expect(await runsvToBe(rig, first.pid, "web")).toEqual(before);
    expect(first.stderr()).toBe("");
  },
  instead: "is refused, with exit 100, beside another runsvdir on the same directory, whose pid it names",
  because: "two on one directory can only get in each other's way; whoever starts a second one should know at once",
});

line("DIR-20", "rescans on ALRM, and writes the time to .forced-rescan when that is done", {
  test: async (rig) => {
    rig.service("web");
    // The link's target can appear without a change in the directory.
    symlinkSync("../elsewhere/late", rig.path("service/late"));
    const runsvdir = startRunsvdir(rig);
    await runsvToBe(rig, runsvdir.pid, "web");
    mkdirSync(rig.path("elsewhere"));
    rig.service("late", {}, rig.path("elsewhere"));
    const before = Math.floor(Date.now() / 1000);
    runsvdir.kill("SIGALRM");
    const file = rig.path("service/.forced-rescan");
    const label = await rig.until("the time", () => rig.read(file));
    expect(label).toMatch(/^@[0-9a-f]{24}$/);
    expect(Number(BigInt(`0x${label.slice(1, 17)}`) - 0x400000000000000an)).toBeGreaterThanOrEqual(before);
    expect(statSync(file).mode & 0o777).toBe(0o644);
    await runsvToBe(rig, runsvdir.pid, "web", "late");
  },
});

line("DIR-21", "goes on after ALRM, as Debian's does; upstream's ends", {
  test: async (rig) => {
    rig.service("web");
    const runsvdir = startRunsvdir(rig);
    await runsvToBe(rig, runsvdir.pid, "web");
    runsvdir.kill("SIGALRM");
    await rig.until("the time", () => rig.read(rig.path("service/.forced-rescan")));
    rig.service("db");
    await runsvToBe(rig, runsvdir.pid, "web", "db");
  },
});

line("DIR-22", "takes -x as its directory", {
  test: async (rig) => {
    mkdirSync(rig.path("-x"));
    rig.service("web", {}, rig.path("-x"));
    const runsvdir = startRunsvdir(rig, { directory: "-x" });
    await runsvToBe(rig, runsvdir.pid, "web");
    expect(runsvdir.stderr()).toBe("");
  },
});

/** Kills a runsv that is older than the pause between two starts; returns how long its successor took, in ms. */
async function replaceKilled(rig: TestRig, pid: number): Promise<number> {
  const { web: old = 0 } = await runsvToBe(rig, pid, "web");
  await rig.until("runsv to be older than a second", () => bootMillis() - startedAt(old) > 1100);
  const killed = bootMillis();
  signalProcess(old, "SIGKILL");
  const { web: successor = 0 } = await rig.until("another runsv", async () => {
    const found = await runsvToBe(rig, pid, "web");
    return found["web"] !== old && found;
  });
  return startedAt(successor) - killed;
}

async function allSupervised(rig: TestRig, services: readonly ScriptedService[]): Promise<void> {
  await rig.until("all to be supervised", () => services.every(({ supervise }) => supervise.isSupervised()));
}
