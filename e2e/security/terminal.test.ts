/*
 * Names and texts of others, in what every command prints: they neither command a terminal nor begin a line.
 */
import { chownSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { execaSync } from "execa";
import { expect } from "vitest";
import { containerTest } from "../rig/container/namespaced-container.ts";
import { asItsUser, twoUsers } from "../rig/container/two-users.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites, standalone } from "../rig/core/suites.ts";
import { nobody } from "../rig/process/under.ts";
import { startRunsvdir } from "../rig/runit/runsvdir.ts";
import { now, ScriptedSupervisor } from "../rig/scripted/supervisor.ts";

/** Sets the title, clears the screen, turns text around, and forges a line, for terminals of every kind. */
const hostile = "\x1b]0;title\x07\x1b[2J\x9b31m\u202e\u2066\u2028\rA\nok: forged";

/** What a text has that a terminal obeys, and lines that are not ours. */
function faultsIn(what: string, ...texts: readonly string[]): readonly string[] {
  return texts
    .filter((text) => /[^\P{Cc}\n]|[\u2028-\u202e\u2066-\u2069]|^ok: forged/mu.test(text))
    .map((text) => `${what}: ${JSON.stringify(text)}`);
}

/** Each command, with command lines that it complains about. One build is enough: both have the same messages. */
const complaints: Readonly<Record<string, readonly (readonly string[])[]>> = {
  chpst: [[`-${hostile}`], ["-u", hostile, "true"], [hostile]],
  devlog: [[`--${hostile}`], [`missing/${hostile}`]],
  my_init: [[`--${hostile}`]],
  runit: [[hostile]],
  "runit-init": [[hostile]],
  runsv: [[`--${hostile}`], [hostile]],
  runsvchdir: [[hostile]],
  runsvdir: [[`--${hostile}`]],
  setuser: [[hostile, "true"]],
  sv: [[`-${hostile}`], [`--${hostile}`], [hostile, hostile], ["wait", hostile], ["log", hostile], ["enable", hostile]],
  svlogd: [[`-${hostile}`], [`--${hostile}`], [hostile]],
  upkeep: [[hostile]],
  "upkeep-import": [[`--${hostile}`], [hostile]],
  "upkeep-install": [[`--${hostile}`], ["--systemd", "--dry-run", hostile], ["--container", hostile]],
  "upkeep-run": [[`--${hostile}`], ["-f", hostile], ["-m", hostile]],
  "upkeep-takeover": [[`--${hostile}`], [hostile]],
  "upkeep-uninstall": [[`--${hostile}`], ["--systemd", hostile]],
  "upkeep-web": [[`--${hostile}`], ["--listen", hostile], ["--listen", "127.0.0.1:0", "--token-file", hostile]],
  utmpset: [[`-${hostile}`], [hostile]],
};

rigTest("what a command says about its command line is harmless", [standalone], async (rig) => {
  expect(Object.keys(complaints)).toEqual(expect.arrayContaining(readdirSync(rig.suite.bin)));
  const calls = Object.entries(complaints)
    .filter(([command]) => rig.exists(rig.suite.command(command)))
    .flatMap(([command, lines]) => lines.map((words) => [command, words] as const));
  // The name of a service by which sv is called as an init script.
  symlinkSync(rig.suite.command("sv"), rig.path(hostile));
  for (const [command, words] of [
    ...calls,
    [rig.path(hostile), []] as const,
    [rig.path(hostile), ["status"]] as const,
  ]) {
    const { stdout, stderr } = await rig.run(command, words);
    expect(faultsIn([command, ...words].join(" "), stdout, stderr)).toEqual([]);
    expect(`${stdout}${stderr}`).not.toBe("");
  }
});

/** A state in which every text comes from somebody else. */
const state = {
  failed: { reason: hostile, text: hostile, at: hostile },
  lastExit: { code: 1, signal: null, core: false, at: hostile, ranMillis: 1 },
  leftBehind: { pid: 1, name: hostile },
  nextStart: hostile,
  readiness: hostile,
  ready: false,
  readySince: hostile,
  satisfied: false,
  waitingFor: [hostile],
  waitingProblem: hostile,
};

rigTest(
  "what sv says about names and states of another user is harmless",
  [standalone],
  async (rig) => {
    using supervisors = new DisposableStack();
    const services = ["plain", hostile].flatMap((name) =>
      (["down", "run", "finish"] as const).map((kind) => {
        const { name: service, path } = rig.service(`${name}-${kind}`);
        supervisors.use(
          new ScriptedSupervisor(path, { state: kind, at: now(), pid: kind === "down" ? 0 : 1, more: state }),
        );
        return service;
      }),
    );
    for (const service of services) {
      // His own file, and so are the name and the directory.
      await asItsUser(rig, rig.path("service", service, "supervise"), "cp state.json .new; mv -f .new state.json");
      chownSync(rig.path("service", service), nobody, nobody);
    }
    const calls = [
      ["status"],
      ["status", "--json"],
      ["list"],
      ["list", "--wide"],
      ["show"],
      ["health"],
      ["wait", "-t", "0", "ready"],
    ];
    for (const words of [...calls, ["-v", "up"], ["check"], ["force-restart"], ["disable"]]) {
      const { stdout, stderr } = await rig.run("sv", [...words, ...services], { env: { SVWAIT: "0" } });
      expect(faultsIn(`sv ${words.join(" ")}`, stdout, stderr)).toEqual([]);
      expect(stdout).toContain("plain-run");
    }
  },
  { needs: twoUsers },
);

rigTest("what supervisors and loggers say about names and files is harmless", ourSuites, async (rig) => {
  rig.service(hostile, { run: { text: "#!/bin/sh\nexit 1\n", mode: 0o644 }, log: { run: "absent" } });
  rig.service("web", { files: { [`dependencies.d/missing ${hostile}`]: "" } });
  rig.service("db", { files: { "restart-delay": hostile } });
  const runsvdir = startRunsvdir(rig);
  const said = ["waiting for", "restart-delay: ", "unable to start ./run", "unable to start log/./run"];
  await rig.until("all complaints", () => said.every((text) => runsvdir.stderr().includes(text)));
  runsvdir.kill("SIGHUP");
  await rig.result(runsvdir);
  expect(faultsIn("runsvdir", runsvdir.stderr())).toEqual([]);

  mkdirSync(rig.path(hostile, "config"), { recursive: true });
  writeFileSync(rig.path(hostile, "state"), "");
  const logged = await rig.run("svlogd", [rig.path(hostile), rig.path(`${hostile} missing`)]);
  expect(faultsIn("svlogd", logged.stdout, logged.stderr)).toEqual([]);
  expect(logged.stderr).toContain("warning");
});

containerTest(
  "what my_init says about variables and startup files is harmless, and no FIFO holds it up",
  async (box) => {
    mkdirSync(box.inside("container_environment", hostile));
    box.script(`my_init.d/${hostile}`, "true");
    box.link("container_environment/LINK", `/etc/${hostile}`);
    execaSync("mkfifo", [box.inside("container_environment/FIFO")]);
    const ended = await box.run({ words: ["--skip-runit", "--", hostile], env: { FIFO: "value" } });
    expect(ended.code).toBe(127);
    expect(faultsIn("my_init", ended.stdout, ended.stderr)).toEqual([]);
    expect(ended.stderr).toContain("container_environment/FIFO: not a regular file");
    expect(ended.stderr).toContain("unable to write to /etc/container_environment: device not configured");
  },
);
