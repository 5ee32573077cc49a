/* The commonest mistake: a run that puts itself into the background. */
import { symlinkSync } from "node:fs";
import { expect } from "vitest";
import { shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import type { ProgramSpec } from "../rig/scripted/program.ts";
import { stateJson } from "../rig/runit/state-json.ts";
import { sv } from "../rig/runit/sv.ts";
import { signalProcess } from "../rig/process/processes.ts";

const daemonize = [
  "#!/usr/bin/perl",
  "use POSIX ();",
  "exit 0 if fork();",
  "POSIX::setsid();",
  'open my $pids, ">>", "pids"; print $pids "$$\\n"; close $pids;',
];

/** A program with a name that no other test has: by its name alone nobody can tell whose it is. */
const programOf = (rig: TestRig): string => rig.path(`background-${rig.suite.name.slice(0, 2)}`);

const mistakes: Readonly<Record<string, (rig: TestRig) => ProgramSpec>> = {
  'a program behind "&"': () => shell("sleep 1000 &", "echo $! >>pids"),
  "a daemon that stays in its directory": () => ({ text: [...daemonize, "exec 'sleep', '1000';", ""].join("\n") }),
  "a daemon that goes to / and closes everything, known by its name in run": (rig) => ({
    text: [
      ...daemonize,
      "chdir '/'; open STDIN, '<', '/dev/null'; open STDOUT, '>', '/dev/null'; open STDERR, '>', '/dev/null';",
      `exec '${programOf(rig)}', '1000';`,
      "",
    ].join("\n"),
  }),
};

for (const [what, make] of Object.entries(mistakes)) {
  rigTest(`${what} is named in one warning, in sv status and in state.json`, ourSuites, async (rig) => {
    const run = make(rig);
    const web = rig.service("web", { run });
    symlinkSync("/bin/sleep", programOf(rig));
    const runsv = await rig.runsv(web);
    const pids = (): readonly number[] => rig.read(web.file("pids")).split("\n").filter(Boolean).map(Number);
    try {
      const named = await rig.until("the warning", () => /left \S+ \(pid (\d+)\)/.exec(runsv.stderr())?.[1]);
      await rig.until("the process to say the same", () => pids().includes(Number(named)));
      const shown = await rig.until("the status", async () => {
        const { stdout } = await sv(rig, ["status", "web"]);
        return /left \S+ \(pid \d+\) in the background$/m.test(stdout) && stdout;
      });
      // In finish it has no want to tell.
      expect(shown).toMatch(/^(down: web: .*want up|finish: web: .*), left /);
      // Until it becomes its program it has the name of the script.
      expect(stateJson(web)["leftBehind"]).toMatchObject({
        name: expect.stringMatching(/^(run|sleep|background-..)$/),
      });
      await rig.until("another copy", () => pids().length >= 3);
      expect(runsv.stderr().match(/in the background/g)).toHaveLength(1);
    } finally {
      web.supervise.control("x");
      await rig.result(runsv);
      for (const pid of pids()) signalProcess(pid, "SIGKILL");
    }
  });
}

rigTest("says nothing of a run that ends by success and leaves nothing", ourSuites, async (rig) => {
  const web = rig.service("web", { run: shell("echo x >>starts") });
  const runsv = await rig.runsv(web);
  await rig.until("three starts", () => rig.read(web.file("starts")).length >= 6);
  expect(runsv.stderr()).toBe("");
  expect(stateJson(web)["leftBehind"]).toBeNull();
});
