/* A full or read-only file system below supervise/. */
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { available, enable } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { privateMounts, withMounts } from "../rig/core/needs.ts";
import { isErrno } from "../rig/process/processes.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import { startRunsvdir } from "../rig/runit/runsvdir.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { allSuites, ourSuites } from "../rig/core/suites.ts";
import { SuperviseDirectory } from "../rig/runit/supervise.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const needs = privateMounts;

rigTest(
  "supervises on a full disk, and says the state there as soon as there is room",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", { run: ["trap HUP"] });
    const { runsv, supervise } = await startOnOwnDisk(rig, web);
    await web.run.started();
    await rig.until("state run", () => supervise.stat() === "run");

    const filler = fill(supervise);
    await web.run.die("KILL");
    const { pid } = await web.run.started(2);
    supervise.control("h");
    await web.run.signalled("HUP");
    expectWhole(supervise);
    await rig.until("a warning", () => runsv.stderr() !== "");

    rmSync(filler);
    await rig.until("the new pid", () => supervise.status().pid === pid);
    expectWhole(supervise);
    expect(supervise.stat()).toBe("run");
    expect(supervise.pid()).toBe(pid);
    expectEachOnce(runsv, /^runsv web: warning: unable to write supervise\/[a-z.]+\.new: out of disk space$/);
  },
  { needs },
);

rigTest(
  "starts to supervise on a full disk",
  ourSuites,
  async (rig) => {
    const web = rig.service("web");
    const { supervise } = await startOnOwnDisk(rig, web, "head -c 99999 /dev/zero >web/supervise/filler 2>/dev/null;");
    const { pid } = await web.run.started();
    expect(() => supervise.statusBytes()).toThrow("ENOENT");
    rmSync(join(supervise.path, "filler"));
    await rig.until("the files", () => rig.exists(join(supervise.path, "state.json")));
    expect(supervise.status()).toMatchObject({ pid, state: "run" });
    expectWhole(supervise);
  },
  { needs },
);

rigTest(
  "exits 111 when there is not even room for the FIFOs, so that runsvdir tries again",
  ourSuites,
  async (rig) => {
    const web = available(rig, "web", {});
    mkdirSync(web.supervise.path);
    // The directory itself takes the first inode.
    const disk = `-t tmpfs -o nr_inodes=2 none ${web.supervise.path}`;
    const result = await rig.run("runsv", ["web"], { cwd: rig.path("available"), under: withMounts(disk) });
    const message = "runsv web: fatal: unable to create supervise/control: out of disk space\n";
    expect(result).toMatchObject({ code: 111, stderr: message });

    enable(rig, web);
    const runsvdir = startRunsvdir(rig, { under: withMounts(disk) });
    await rig.until("a failure", () => runsvdir.stderr().includes(message));
    await inside(rig, runsvdir, "mount", "-o", "remount,nr_inodes=100", web.supervise.path);
    await web.run.started();
  },
  { needs },
);

rigTest(
  "supervises on when supervise becomes read-only, and says the state there when that is over",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", { run: ["trap HUP"], log: { run: ["exit-on TERM"] } });
    const runsv = await rig.runsv(web, { under: withMounts() });
    await Promise.all([web.run.started(), web.log.run.started()]);
    await Promise.all([web.stat("run"), web.logStat("run")]);
    const before = web.supervise.statusBytes();

    const directories = [web.supervise.path, web.log.supervise.path];
    for (const path of directories) {
      await inside(rig, runsv, "mount", "--bind", path, path);
      await inside(rig, runsv, "mount", "-o", "remount,bind,ro", path);
    }
    await web.run.die("KILL");
    const { pid } = await web.run.started(2);
    web.supervise.control("h");
    await web.run.signalled("HUP");
    web.log.supervise.control("t");
    const { pid: logPid } = await web.log.run.started(2);
    expect(web.supervise.statusBytes()).toEqual(before);

    for (const path of directories) await inside(rig, runsv, "umount", path);
    await rig.until("the new pids", () => web.supervise.pid() === pid && web.log.supervise.pid() === logPid);
    await web.stat("run");
    expectWhole(web.supervise);
    expectWhole(web.log.supervise);
    expectEachOnce(
      runsv,
      /^runsv web: warning: unable to open (?:log\/)?supervise\/(?:pid|stat|state\.json)\.new: read-only file system$/,
    );
  },
  { needs },
);

rigTest(
  "supervises a read-only service directory whose supervise leads to a writable place",
  allSuites,
  async (rig) => {
    const web = rig.service("web", { log: {} });
    symlinkSync(rig.path("state"), web.supervise.path);
    symlinkSync(rig.path("log-state"), web.log.supervise.path);
    const runsv = await rig.runsv(web, { under: withMounts("--bind web web", "-o remount,bind,ro web") });
    const { pid } = await web.run.started();
    await rig.until("the pid", () => web.supervise.pid() === pid);
    expect(runsv.stderr()).toBe("");
  },
  { needs },
);

interface OnOwnDisk {
  readonly runsv: RunningCommand;
  /** Only runsv sees this. */
  readonly supervise: SuperviseDirectory;
}

/** Starts runsv with a `supervise` that has little room, after some further commands for the shell. */
async function startOnOwnDisk(rig: TestRig, web: ScriptedService, commands = ""): Promise<OnOwnDisk> {
  mkdirSync(web.supervise.path);
  const script = `mount -t tmpfs -o size=32k none web/supervise && { ${commands} exec "$@"; }`;
  const runsv = rig.start("runsv", ["web"], { under: ["unshare", "--mount", "sh", "-c", script, "sh"] });
  const supervise = new SuperviseDirectory(`/proc/${runsv.pid}/root${web.supervise.path}`);
  await rig.until("runsv to supervise", () => supervise.isSupervised());
  return { runsv, supervise };
}

/** Fills the file system with one file; returns its path. */
function fill({ path }: SuperviseDirectory): string {
  const filler = join(path, "filler");
  try {
    writeFileSync(filler, Buffer.alloc(1_000_000));
  } catch (error) {
    if (!isErrno(error, "ENOSPC")) throw error;
    return filler;
  }
  throw new Error(`${path} cannot be filled`);
}

function expectEachOnce(command: RunningCommand, pattern: RegExp): void {
  const lines = command.stderr().trimEnd().split("\n");
  expect(lines.filter((line) => !pattern.test(line))).toEqual([]);
  expect(new Set(lines)).toHaveProperty("size", lines.length);
}

/** Each file is the old one or the new one, and never cut off. */
function expectWhole(supervise: SuperviseDirectory): void {
  supervise.status();
  expect(supervise.stat()).toMatch(/^(?:down|run|finish)(?:, [a-zA-Z ]+)*$/);
  expect(readFileSync(join(supervise.path, "pid"), "latin1")).toMatch(/^(?:\d+\n)?$/);
  expect(JSON.parse(readFileSync(join(supervise.path, "state.json"), "utf8"))).toMatchObject({ version: 1 });
}

/** Runs a command with the mounts of another. */
async function inside(rig: TestRig, { pid }: RunningCommand, ...words: readonly string[]): Promise<void> {
  const result = await rig.run("nsenter", ["--mount", "--target", `${pid}`, ...words]);
  expect(result).toMatchObject({ code: 0, stderr: "" });
}
