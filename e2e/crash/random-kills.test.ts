/*
 * SIGKILL at random moments, while much is going on: the files in the supervise directories are always whole, and the
 * successor takes over.
 */
import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { available, disable, enable, shell } from "../rig/runit/available.ts";
import { Chance, during } from "../rig/core/chance.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { isAlive, isErrno, signalProcess, childrenOf, commandLine } from "../rig/process/processes.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import { runsvOf, startRunsvdir, supervisorsOf } from "../rig/runit/runsvdir.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { supervisorOf } from "../rig/runit/state-json.ts";
import { sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const lasting = shell("exec sleep 600");
const brief = shell("exit 0");
const letters = ["u", "d", "o", "t", "k", "p", "c", "h"];
const logger = shell("exec cat >/dev/null");

rigTest("leaves whole files behind whenever runsv is killed, and the next one goes on", ourSuites, async (rig) => {
  const chance = new Chance(rig);
  const web = rig.service("web", {
    run: lasting,
    finish: brief,
    control: { t: shell("exit 1") },
    log: { run: logger },
  });
  const watcher = watchFiles(rig, [web]);
  for (let round = 0; round < 20; round += 1) {
    const runsv = rig.start("runsv", ["web"]);
    // In every other round the kill comes while it starts.
    if (round % 2 === 1) await rig.until("runsv to supervise", () => web.supervise.isSupervised());
    await during(chance.below(100), async () => {
      disturb(web, chance);
      await sleep(1);
    });
    runsv.kill("SIGKILL");
    expect(await rig.result(runsv)).toMatchObject({ signal: "SIGKILL", stderr: "" });
  }
  const last = await rig.runsv(web);
  // The last commands, such as pause or down, hold for the successor too.
  for (const one of [web.supervise, web.log.supervise]) one.control("cu");
  // One that was about to die when runsv was killed may do so only now.
  await rig.until("both to run", async () => {
    const { code, stdout } = await sv(rig, ["status", "web"]);
    return code === 0 && /^run: web: \(pid \d+\) Ns; run: log: \(pid \d+\) Ns\n$/.test(stdout);
  });
  // A runsv killed between a start and its record leaves a copy that nobody knows, and that holds the log's pipe.
  for (const pid of strayCopies(web)) signalProcess(pid, "SIGKILL");
  expect(await sv(rig, ["-w", "60", "shutdown", "web"])).toMatchObject({ code: 0 });
  expect(await rig.result(last)).toMatchObject({ code: 0, stderr: "" });
  await expectWholeFiles(rig, watcher);
});

/** The processes in the service directory that the supervisor does not know. */
function strayCopies(web: ScriptedService): readonly number[] {
  const known = web.supervise.status().pid;
  const isStray = (pid: number): boolean => {
    try {
      return pid !== known && readlinkSync(`/proc/${pid}/cwd`) === web.file(".").replace(/\/\.$/, "");
    } catch {
      return false;
    }
  };
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && isStray(pid));
}

rigTest("hands all services over whenever runsvdir is killed", ourSuites, async (rig) => {
  const chance = new Chance(rig);
  const services = ["a", "b", "c"].map((name) => available(rig, name, { run: lasting, log: { run: logger } }));
  const watcher = watchFiles(rig, services);
  const enabled = new Set<ScriptedService>();
  const toggle = (service: ScriptedService): void => {
    if (enabled.delete(service)) return disable(rig, service);
    enabled.add(service);
    enable(rig, service);
  };
  const supervisors = new Set<number>();
  // All of them may have a runsv of one before, which is adopted, so that no other is started.
  const firstOne = async ({ pid }: RunningCommand): Promise<void> =>
    void (await rig.until("a first service", () => services.some((one) => supervisorsOf(pid).has(supervisorOf(one)))));
  for (let round = 0; round < 8; round += 1) {
    const runsvdir = startRunsvdir(rig, { cwd: rig.services });
    if (round % 2 === 1) {
      for (const service of services) if (!enabled.has(service)) toggle(service);
      await firstOne(runsvdir);
    }
    await during(chance.below(200), async () => {
      toggle(chance.of(services));
      await sleep(chance.below(20));
    });
    // It is stopped first, so that it starts nothing that we do not see.
    runsvdir.kill("SIGSTOP");
    for (const pid of childrenOf(runsvdir.pid)) supervisors.add(pid);
    runsvdir.kill("SIGKILL");
    expect((await rig.result(runsvdir)).stderr).not.toContain("already taken");
    // A runsv without its parent goes on, unless it is killed as well.
    for (const pid of supervisors) if (chance.below(3) === 0) kill(rig, pid, "SIGKILL");
  }
  for (const service of services) if (!enabled.has(service)) toggle(service);
  const last = startRunsvdir(rig, { cwd: rig.services });
  await firstOne(last);
  // The old ones keep their services until they get a command to end.
  for (const pid of supervisors) kill(rig, pid, "SIGTERM");
  await rig.until("the old ones to go", () => [...supervisors].every((pid) => !isRunsv(pid)));
  for (const service of services) {
    await rig.until(`${service.name} to be supervised`, () => {
      // The process need not be a child of its runsv, which may have adopted it.
      const hasRunsv = runsvOf(last.pid).some(({ name }) => name === service.name);
      return hasRunsv && service.supervise.isSupervised() && isAlive(service.supervise.pid() ?? 0);
    });
  }
  expect(await sv(rig, ["check", "a", "b", "c"])).toMatchObject({ code: 0 });
  await expectWholeFiles(rig, watcher);
});

/** Sends some commands, if a supervisor reads them. */
function disturb(service: ScriptedService, chance: Chance): void {
  const target = chance.below(4) === 0 ? service.log.supervise : service.supervise;
  const bytes = Array.from({ length: 1 + chance.below(6) }, () => chance.of(letters));
  try {
    target.control(bytes.join(""));
  } catch (error) {
    if (!["ENOENT", "ENXIO", "EAGAIN"].some((code) => isErrno(error, code))) throw error;
  }
}

function isRunsv(pid: number): boolean {
  return isAlive(pid) && /(?:^|\/)runsv$/.test(commandLine(pid).at(-2) ?? "");
}

/** Signals one of the rig's runsv, unless it has ended and another process has its pid. */
function kill(rig: TestRig, pid: number, signal: NodeJS.Signals): void {
  try {
    if (readlinkSync(`/proc/${pid}/cwd`) === rig.services) signalProcess(pid, signal);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
}

/** Reads the files of these services all the time: see file-watcher.pl. */
function watchFiles(rig: TestRig, services: readonly ScriptedService[]): RunningCommand {
  const directories = services.flatMap((service) => [service.supervise.path, service.log.supervise.path]);
  const script = join(import.meta.dirname, "../rig/process/file-watcher.pl");
  return rig.start("perl", [script, ...directories], { under: ["nice", "-n", "10"] });
}

async function expectWholeFiles(rig: TestRig, watcher: RunningCommand): Promise<void> {
  watcher.kill("SIGTERM");
  const { stdout, stderr } = await rig.result(watcher);
  expect(stdout).toMatch(/^\d+\n$/);
  expect(Number(stdout)).toBeGreaterThan(100);
  expect(stderr).toBe("");
}
