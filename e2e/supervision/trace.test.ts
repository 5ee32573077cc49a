/*
 * UPKEEP_TRACE: each program that is a state machine writes down what came in, what it decided and what it then was, and
 * `npm run replay` comes to the same once more.
 */
import { appendFileSync } from "node:fs";
import { resolve } from "node:path";
import { execa } from "execa";
import { expect } from "vitest";
import { containerTest, patience } from "../rig/container/namespaced-container.ts";
import { bootMachine, ownMachine } from "../rig/container/namespaced-machine.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { signalProcess } from "../rig/process/processes.ts";
import { shell } from "../rig/runit/available.ts";
import { runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";
import { sv } from "../rig/runit/sv.ts";

const root = resolve(import.meta.dirname, "../..");

/** Replays a trace, and returns what that says. */
async function replay(path: string): Promise<{ readonly code: number | undefined; readonly stdout: string }> {
  const { exitCode, stdout } = await execa("npm", ["run", "--silent", "replay", path], { cwd: root, reject: false });
  return { code: exitCode, stdout };
}

/** The programs in a trace, each with its number of processes. */
function programsIn(trace: string): Readonly<Record<string, number>> {
  const programs = [...trace.matchAll(/^\{"program":"(\w+)"/gm)].map(([, name = ""]) => name);
  return Object.fromEntries(
    [...new Set(programs)].map((name) => [name, programs.filter((one) => one === name).length]),
  );
}

rigTest("a tree with restarts, kills and commands can be replayed", ourSuites, async (rig) => {
  const path = rig.path("trace");
  const seen = rig.path("seen");
  const lasting = ["trap 'exit 0' TERM", "while :; do sleep 600 & wait $!; done"];
  rig.service("crasher", { run: shell("exit 3"), finish: shell("exit 0"), files: { "restart-delay": "200" } });
  const web = rig.service("web", {
    run: shell(`env >'${seen}'`, ...lasting),
    control: { t: shell("exit 1") },
    log: { run: shell("exec cat >/dev/null") },
    files: { "timeout-kill": "5000" },
  });
  rig.service("job", { run: shell("exit 0"), files: { restart: "never" } });
  rig.service("late", { run: shell(...lasting), files: { "dependencies.d/job": "" } });
  const runsvdir = startRunsvdir(rig, { words: ["--orderly"], env: { UPKEEP_TRACE: "trace" } });
  const names = ["crasher", "job", "late", "web"];
  const before = await runsvToBe(rig, runsvdir.pid, ...names);
  await rig.until("web to be supervised", () => web.supervise.isSupervised());
  for (const words of [["up"], ["restart"], ["pause"], ["cont"], ["down"], ["once"], ["hup"], ["kill"], ["start"]]) {
    expect(await sv(rig, [...words, "web"])).toMatchObject({ code: 0 });
  }
  await web.stat("run");
  // The successor adopts what runs; another one, told meanwhile, has nothing to go by but the record.
  signalProcess(before["web"] ?? 0, "SIGKILL");
  signalProcess(before["crasher"] ?? 0, "SIGKILL");
  await rig.until("other runsv", async () => {
    const after = await runsvToBe(rig, runsvdir.pid, ...names);
    return after["web"] !== before["web"] && after["crasher"] !== before["crasher"];
  });
  await rig.until("web to be supervised again", () => web.supervise.isSupervised());
  expect(await sv(rig, ["restart", "web"])).toMatchObject({ code: 0 });
  expect(await sv(rig, ["wait", "-t", "60", "up", "late"])).toMatchObject({ code: 0 });
  runsvdir.kill("SIGTERM");
  expect(await rig.result(runsvdir)).toMatchObject({ code: 0 });

  const trace = rig.read(path);
  expect(programsIn(trace)).toMatchObject({ runsvdir: 1, runsv: expect.any(Number) });
  expect(programsIn(trace)["runsv"]).toBeGreaterThanOrEqual(6);
  expect(rig.read(seen)).not.toContain("UPKEEP_TRACE");
  expect(await replay(path)).toMatchObject({ code: 0, stdout: expect.stringMatching(/ no differences$/) });
  await expectTamperingFound(rig, trace);
});

/** Changes what one step decided. */
async function expectTamperingFound(rig: TestRig, trace: string): Promise<void> {
  const tampered = rig.path("tampered");
  const effect = '"signal":"SIGCONT"';
  expect(trace).toContain(effect);
  appendFileSync(tampered, trace.replace(effect, '"signal":"SIGHUP"'));
  expect(await replay(tampered)).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(
      /^line \d+: runsv \(PID \d+\), \w+: effects\..*"SIGCONT" was "SIGHUP"\n.* 1 differences$/,
    ),
  });
}

rigTest("a trace that cannot be written is one warning", ourSuites, async (rig) => {
  const web = rig.service("web", { run: shell("exec sleep 600") });
  const runsv = await rig.runsv(web, { env: { UPKEEP_TRACE: "/dev/full" } });
  expect(await sv(rig, ["restart", "web"])).toMatchObject({ code: 0 });
  expect(runsv.stderr()).toBe("runsv web: warning: unable to write trace /dev/full: out of disk space\n");
});

rigTest("a descriptor is for one process", ourSuites, async (rig) => {
  const path = rig.path("trace");
  rig.service("web", { run: shell("exec sleep 600") });
  const under = ["sh", "-c", `exec 5>>'${path}'; exec "$@"`, "sh"];
  const runsvdir = startRunsvdir(rig, { words: ["--orderly"], under, env: { UPKEEP_TRACE: "5" } });
  await runsvToBe(rig, runsvdir.pid, "web");
  runsvdir.kill("SIGTERM");
  await rig.result(runsvdir);
  expect(programsIn(rig.read(path))).toEqual({ runsvdir: 1 });
  expect(await replay(path)).toMatchObject({ code: 0 });
});

containerTest("a container's trace holds my_init and all below it, and no service sees the variable", async (box) => {
  box
    .script("my_init.d/one", "! env | grep UPKEEP_TRACE")
    .script("service/web/run", "! env | grep UPKEEP_TRACE || exit 1", "echo web runs", "exec sleep 600")
    .start({ env: { ...patience, UPKEEP_TRACE: "/etc/trace" } });
  await box.shows("web runs");
  box.signal("SIGTERM");
  expect(await box.ended()).toMatchObject({ code: 0 });
  expect(programsIn(box.read("trace"))).toEqual({ my_init: 1, runsvdir: 1, runsv: 1 });
  expect(await replay(box.inside("trace"))).toMatchObject({ code: 0 });
  for (const file of ["container_environment.sh", "container_environment.json"]) {
    expect(box.read(file)).not.toContain("UPKEEP_TRACE");
  }
});

rigTest(
  "runit writes a trace, and hands the variable on to its stages",
  ourSuites,
  async (rig) => {
    const path = rig.path("trace");
    const stages = { "2": ['echo "trace $UPKEEP_TRACE"'] };
    const machine = bootMachine(rig, stages, { outside: ["env", `UPKEEP_TRACE=${path}`] });
    await machine.ended();
    expect(machine.console()).toContain(`trace ${path}\n`);
    expect(programsIn(rig.read(path))).toEqual({ runit: 1 });
    expect(await replay(path)).toMatchObject({ code: 0 });
  },
  { needs: ownMachine },
);
