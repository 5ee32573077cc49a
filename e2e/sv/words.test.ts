/* Words that runit's sv does not have must not be in the way of its own. */
import { describe, expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { now, ScriptedSupervisor } from "../rig/scripted/supervisor.ts";
import { allSuites, ourSuites } from "../rig/core/suites.ts";
import { lsb } from "../rig/runit/sv.ts";

describe("runit's words", () => {
  const bytes: Readonly<Record<string, string>> = { h: "h", e: "x", d: "d", c: "c" };
  rigTest("keep their meaning, whatever new words begin like them", allSuites, async (rig) => {
    using web = new ScriptedSupervisor(rig.path("service/web"), { state: "run", at: now() - 60, pid: 1 });
    for (const word of ["health", "enable", "disable", "list", "wait", "log", "lint", "completion", "graph", "blame"]) {
      for (let length = 1; length < word.length; length += 1) {
        const { code, stdout, stderr } = await rig.run("sv", [word.slice(0, length), "web"]);
        const sent = bytes[word.charAt(0)] ?? "";
        expect([word.slice(0, length), web.commands(), stdout, code]).toEqual([
          word.slice(0, length),
          sent,
          "",
          sent === "" ? 100 : 0,
        ]);
        expect(stderr).toBe(sent === "" ? "usage: sv [-v] [-w sec] command service ...\n\n" : "");
      }
    }
  });

  rigTest("are all that an init script knows", allSuites, async (rig) => {
    using web = new ScriptedSupervisor(rig.path("service/web"), { state: "run", at: now() - 60, pid: 1 });
    expect((await lsb(rig, "web", ["health"])).code).toBe(0);
    expect(web.commands()).toBe("h");
    expect((await lsb(rig, "web", ["list"])).code).toBe(2);
  });
});

rigTest("say what is wrong with a command line of theirs", ourSuites, async (rig) => {
  const usage = "usage: sv wait [-t sec] up|down|ready|failed service ...\n\n";
  const { code, stdout, stderr } = await rig.run("sv", ["wait", "ready", "-t", "1", "web"]);
  expect([code, stdout, stderr]).toEqual([100, "", `sv wait: option must come before the state -- t\n${usage}`]);
});
