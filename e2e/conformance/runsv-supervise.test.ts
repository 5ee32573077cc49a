import { lstatSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect } from "vitest";
import { line } from "../rig/core/conformance.ts";
import type { Result } from "../rig/process/running-command.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

for (const kind of ["absolute", "relative"] as const) {
  line("RUNSV-51", `makes the target (0700) of a dangling supervise link that is ${kind}`, {
    test: async (rig) => {
      const web = rig.service("web", { log: {} });
      const target = (name: string, relative: string): string => (kind === "absolute" ? rig.path(name) : relative);
      symlinkSync(target("of-web", "../../of-web"), web.supervise.path);
      symlinkSync(target("of-log", "../../../of-log"), web.log.supervise.path);
      await rig.runsv(web);
      await web.run.started();
      await web.stat("run");
      for (const [name, link] of [
        ["of-web", web.supervise.path],
        ["of-log", web.log.supervise.path],
      ] as const) {
        expect(lstatSync(link).isSymbolicLink()).toBe(true);
        expect(statSync(rig.path(name)).mode & 0o7777).toBe(0o700);
        expect(readdirSync(rig.path(name))).toEqual(
          expect.arrayContaining(["control", "lock", "ok", "stat", "status"]),
        );
      }
    },
  });
}

line("RUNSV-52", "exits 111 when the target of a supervise link cannot be made for want of its parent", {
  test: async (rig) => {
    expect(await startWithLink(rig, "missing/parent")).toMatchObject({
      stderr: "runsv web: fatal: unable to open supervise/lock: file does not exist\n",
      code: 111,
    });
  },
});

line("RUNSV-53", "exits 111 when the text of a supervise link has 256 bytes", {
  test: async (rig) => {
    expect(await startWithLink(rig, `${"./".repeat(127)}xx`)).toMatchObject({
      stderr: "runsv web: fatal: unable to readlink ./supervise: name too long\n",
      code: 111,
    });
  },
});

line("RUNSV-53", "takes a supervise link of 255 bytes", {
  test: async (rig) => {
    const web = rig.service("web");
    symlinkSync(`${"./".repeat(127)}x`, web.supervise.path);
    await rig.runsv(web);
    await web.run.started();
    expect(statSync(web.file("x")).mode & 0o7777).toBe(0o700);
  },
});

line("RUNSV-54", "exits 111 when supervise/control is not a FIFO", {
  test: async (rig) => {
    expect(await startWithFile(rig, "supervise/control")).toMatchObject({
      stderr: "runsv web: fatal: supervise/control exists but is not a fifo\n",
      code: 111,
    });
  },
});

line("RUNSV-55", "exits 111 when supervise is a file", {
  test: async (rig) => {
    expect(await startWithFile(rig, "supervise")).toMatchObject({
      stderr: "runsv web: fatal: unable to open supervise/lock: not a directory\n",
      code: 111,
    });
  },
});

const warning = "runsv web: warning: unable to open supervise/pid.new: file does not exist\n";

line("RUNSV-56", "warns at each transition when supervise has been removed, and supervises on", {
  stock: async (rig) => {
    const web = rig.service("web");
    const runsv = await rig.runsv(web);
    await web.run.started();
    await web.stat("run");
    rmSync(web.supervise.path, { recursive: true });
    await web.run.die("KILL");
    await web.run.started(2);
    await rig.until("two warnings", () => runsv.stderr() === warning.repeat(2));
    expect(web.supervise.isSupervised()).toBe(false);
  },
  ours: async (rig) => {
    const web = rig.service("web", { run: ["trap HUP"] });
    const runsv = await rig.runsv(web);
    await web.run.started();
    await web.stat("run");
    rmSync(web.supervise.path, { recursive: true });
    await web.run.die("KILL");
    const { pid } = await web.run.started(2);
    await rig.until("state run", () => web.supervise.isSupervised() && web.supervise.says("run"));
    await rig.until("the new pid", () => web.supervise.status().pid === pid);
    expect(readdirSync(web.supervise.path)).toEqual(
      expect.arrayContaining(["control", "lock", "ok", "pid", "stat", "status"]),
    );
    expect(statSync(web.supervise.path).mode & 0o7777).toBe(0o700);
    expect(web.supervise.pid()).toBe(pid);
    web.supervise.control("h");
    await web.run.signalled("HUP");
    expect(await rig.run("runsv", ["web"])).toMatchObject({
      stderr: "runsv web: fatal: unable to lock supervise/lock: temporary failure\n",
      code: 111,
    });
    web.supervise.control("d");
    await web.stat("down");
    expect(runsv.stderr()).toBe(warning);
    expect(await rig.run("sv", ["status", "web"])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^down: web: \d+s, normally up\n$/),
    });
  },
  instead: "makes a removed supervise again at the next transition, after one warning, and obeys its new control FIFO",
  because: "a runsv that nobody can control any more has to be killed to get its service back",
});

async function startWithLink(rig: TestRig, text: string): Promise<Result> {
  const web = rig.service("web");
  symlinkSync(text, web.supervise.path);
  return await expectNoStart(rig);
}

async function startWithFile(rig: TestRig, name: string): Promise<Result> {
  const web = rig.service("web");
  mkdirSync(dirname(web.file(name)), { recursive: true });
  writeFileSync(web.file(name), "");
  return await expectNoStart(rig);
}

async function expectNoStart(rig: TestRig): Promise<Result> {
  const result = await rig.run("runsv", ["web"]);
  expect(rig.journal.events()).toEqual([]);
  return result;
}
