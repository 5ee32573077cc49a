/* Variables of the runtime, by which whoever sets them would command a program of ours. */
import { writeFileSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";

const standalone = ourSuites.filter(({ name }) => name === "standalone");

rigTest(
  "no variable makes the executable load a file, be another program, or open a debugger",
  standalone,
  async (rig) => {
    const trace = rig.path("loaded");
    const script = rig.path("load.cjs");
    writeFileSync(script, `require("node:fs").writeFileSync(${JSON.stringify(trace)}, "");\n`);
    const variables = {
      BUN_OPTIONS: `--preload=${script}`,
      BUN_BE_BUN: "1",
      BUN_INSPECT: "127.0.0.1:0",
      BUN_INSPECT_PRELOAD: script,
      BUN_INSPECT_CONNECT_TO: `unix://${rig.path("debugger")}`,
    };
    for (const [name, value] of Object.entries(variables)) {
      // A program that runs for a while, and reads nothing.
      const ended = await rig.run("chpst", ["-v", "sh", "-c", "exit 7"], { env: { [name]: value } });
      expect([name, ended.code, ended.stdout, ended.stderr]).toEqual([name, 7, "", ""]);
    }
    expect(rig.exists(trace)).toBe(false);
  },
);
