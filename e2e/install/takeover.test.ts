/* `upkeep takeover`: supervisors of ours go on with what those of runit have, and nothing is restarted. */
import { chmodSync, mkdirSync, renameSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { inline, node, ourSuites, standalone, stock, type Suite } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import { isAlive, signalProcess } from "../rig/process/processes.ts";
import { root } from "../rig/process/under.ts";
import { runsvStartedBy, startRunsvdir } from "../rig/runit/runsvdir.ts";
import { stateToBe } from "../rig/runit/state-json.ts";
import { sv } from "../rig/runit/sv.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";

const needs = stock.available ? undefined : stock.reason;

/** A directory of commands in which `runsv` is first runit's, and then ours, as when a package is replaced. */
class Commands {
  readonly #rig: TestRig;
  readonly #directory: string;

  constructor(rig: TestRig) {
    this.#rig = rig;
    this.#directory = rig.path("commands");
    mkdirSync(this.#directory);
    this.leadTo(stock);
  }

  get environment(): Readonly<Record<string, string>> {
    return { PATH: [this.#directory, this.#rig.suite.path].join(delimiter) };
  }

  leadTo(suite: Suite): void {
    for (const name of ["runsv", "runsvdir"]) {
      symlinkSync(suite.command(name), join(this.#directory, `.${name}`));
      renameSync(join(this.#directory, `.${name}`), join(this.#directory, name));
    }
  }

  /** Starts runit's runsvdir, which finds its commands here. */
  startStock(words: readonly string[] = []): RunningCommand {
    const options = { cwd: this.#rig.root, env: this.environment };
    return this.#rig.start(stock.command("runsvdir"), ["-P", this.#rig.services, ...words], options);
  }
}

async function started(service: ScriptedService): Promise<{ readonly run: number; readonly log: number }> {
  const { pid: run } = await service.run.started();
  const { pid: log } = await service.log.run.started();
  await service.stat("run");
  await service.logStat("run");
  return { run, log };
}

rigTest(
  "below a runsvdir that nobody would start again, each runsv becomes one of ours, and nothing is restarted",
  ourSuites,
  async (rig) => {
    const commands = new Commands(rig);
    const [web, db] = [rig.service("web", { run: ["trap TERM"], log: {} }), rig.service("db", { run: [], log: {} })];
    const idle = rig.service("idle", { run: ["exit-on TERM"], log: {} });
    const runsvdir = commands.startStock();
    const before = [await started(web), await started(db)];
    const idleLog = await started(idle);
    expect(await sv(rig, ["stop", "idle"])).toMatchObject({ code: 0 });
    await web.run.writeLine("before");
    commands.leadTo(rig.suite);

    const trial = await rig.run("upkeep-takeover", ["--dry-run", rig.services]);
    expect(trial.stdout.replaceAll(/\d+/g, "N").split("\n")).toEqual([
      "left alone: runsvdir: (pid N): nothing shows that it would be started again",
      "would be taken over: db: (pid N)",
      "would be taken over: idle: (pid N)",
      "would be taken over: web: (pid N)",
      "",
    ]);
    const { code, stdout } = await rig.run("upkeep-takeover", ["--json", rig.services]);
    expect(code).toBe(0);
    const {
      version,
      runsvdir: told,
      services,
    } = JSON.parse(stdout) as {
      version: number;
      runsvdir: { pid: number; outcome: string };
      services: readonly { name: string; outcome: string; pid: number }[];
    };
    expect({ version, told }).toMatchObject({ version: 1, told: { pid: runsvdir.pid, outcome: "left alone" } });
    expect(services.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      "db taken over",
      "idle taken over",
      "web taken over",
    ]);
    expect(new Set(services.map(({ pid }) => pid))).toEqual(
      new Set(runsvStartedBy(runsvdir.pid).map(({ pid }) => pid)),
    );
    await web.run.writeLine("after");
    await rig.until("both lines", () => web.logged() === "before\nafter\n");
    expect([web, db].map((one) => ({ run: one.supervise.pid(), log: one.log.supervise.pid() }))).toEqual(before);
    // What was put down stays down, with a log that has not lost its input.
    await stateToBe(rig, idle, { state: "down", want: "down" });
    expect(idle.log.supervise.pid()).toBe(idleLog.log);
    expect(web.run.signals()).toEqual([]);
    await db.run.die("KILL");
    await db.run.started(2);
    expect(await sv(rig, ["start", "idle"])).toMatchObject({ code: 0 });

    const again = await rig.run("upkeep-takeover", [rig.services]);
    expect(again.stdout).toMatch(/^ok: ours already: db: \(pid \d+\)$/m);
    expect(again.code).toBe(0);
    // The operator replaces runsvdir by hand: the next one takes over each runsv, and stops all in the end.
    runsvdir.kill("SIGTERM");
    await rig.result(runsvdir);
    const own = startRunsvdir(rig, { words: ["--orderly", "--stop-timeout", "1"] });
    await rig.until("it to have the directory", () => rig.exists(rig.path("service/.runsvdir/holder.json")));
    const { stdout: last } = await rig.run("upkeep-takeover", [rig.services]);
    expect(last.split("\n").slice(1)).toEqual(again.stdout.split("\n").slice(1));
    expect(last).toMatch(/^ok: ours already: runsvdir: \(pid \d+\)\n/);
    expect(web.supervise.pid()).toBe(before[0]?.run);
    own.kill("SIGTERM");
    expect((await rig.result(own)).code).toBe(0);
    expect(before.map(({ run }) => isAlive(run))).toEqual([false, false]);
  },
  { needs },
);

rigTest(
  "a runsvdir of ours that has come after one of runit's gets its services",
  [standalone, node, inline],
  async (rig) => {
    const commands = new Commands(rig);
    const web = rig.service("web", { run: ["trap TERM"], log: {} });
    const former = commands.startStock();
    const before = await started(web);
    commands.leadTo(rig.suite);
    former.kill("SIGTERM");
    expect((await rig.result(former)).code).toBe(0);
    const runsvdir = startRunsvdir(rig, { words: ["--orderly"] });
    await rig.until("it to have the directory", () => rig.exists(rig.path("service/.runsvdir/holder.json")));
    const { code, stdout } = await rig.run("upkeep-takeover", [rig.services]);
    expect(stdout).toMatch(/^ok: ours already: runsvdir: \(pid \d+\)\nok: taken over: web: \(pid \d+\)\n$/);
    expect(code).toBe(0);
    await stateToBe(rig, web, { state: "run", pid: before.run });
    expect(web.log.supervise.pid()).toBe(before.log);
    await web.run.writeLine("after");
    await rig.until("the line", () => web.logged() === "after\n");
    signalProcess(before.run, "SIGKILL");
    await web.run.started(2);
    await web.stat("run");
    web.supervise.control("k");
    await web.run.started(3);
    signalProcess(web.supervise.pid() ?? 0, "SIGKILL");
    runsvdir.kill("SIGKILL");
  },
  { needs },
);

rigTest(
  "a runsv goes on as it was where the next one would not be ours, or would not adopt",
  [standalone],
  async (rig) => {
    const commands = new Commands(rig);
    const web = rig.service("web", { run: [], log: {} });
    const runsvdir = commands.startStock();
    const { run } = await started(web);
    const left = await rig.run("upkeep-takeover", [rig.services]);
    expect(left.stdout).toMatch(
      /^left alone: web: \(pid \d+\): PATH of runsvdir \(pid \d+\) leads to another runsv than ours$/m,
    );
    expect(left.code).toBe(1);
    commands.leadTo(rig.suite);
    chmodSync(web.file("supervise"), 0o777);
    const open = await rig.run("upkeep-takeover", [rig.services]);
    expect(open.stdout).toMatch(/^left alone: web: \(pid \d+\): others may write to its supervise directory$/m);
    expect(web.supervise.pid()).toBe(run);
    expect(rig.exists(web.file("supervise/state.json"))).toBe(false);
    await sv(rig, ["exit", "web"]);
    runsvdir.kill("SIGTERM");
    expect((await rig.result(runsvdir)).code).toBe(0);
    expect(await rig.run("upkeep-takeover", [rig.services])).toMatchObject({
      code: 111,
      stderr: `upkeep takeover ${rig.services}: fatal: no runsvdir supervises it\n`,
    });
  },
  { needs: needs ?? root },
);

rigTest(
  "a control script is waited for, and a runsv that stays busy goes on",
  [standalone],
  async (rig) => {
    const commands = new Commands(rig);
    const web = rig.service("web", { run: ["trap TERM"], control: { t: [] }, log: {} });
    const runsvdir = commands.startStock();
    await started(web);
    commands.leadTo(rig.suite);
    web.supervise.control("t");
    const { pid } = await web.control("t").started();
    const { stdout, code } = await rig.run("upkeep-takeover", [rig.services]);
    expect(stdout).toMatch(/^left alone: web: \(pid \d+\): its runsv is busy, as with a control script$/m);
    expect(code).toBe(1);
    expect(isAlive(pid)).toBe(true);
    await web.control("t").exit(0);
    expect((await rig.run("upkeep-takeover", [rig.services])).stdout).toMatch(/^ok: taken over: web: /m);
    expect(web.run.starts()).toHaveLength(1);
    signalProcess(web.supervise.pid() ?? 0, "SIGKILL");
    await sv(rig, ["exit", "web"]);
    runsvdir.kill("SIGTERM");
    await rig.result(runsvdir);
  },
  { needs },
);
