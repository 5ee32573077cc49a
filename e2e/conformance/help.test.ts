/* --help has one form for all commands, and the manual has everything that it tells. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../rig/core/files.ts";
import { describe, expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";

const commands = [
  "chpst",
  "devlog",
  "my_init",
  "runit",
  "runit-init",
  "runsv",
  "runsvchdir",
  "runsvdir",
  "setuser",
  "sv",
  "svlogd",
  "upkeep-install",
  "upkeep-run",
  "upkeep-takeover",
  "upkeep-uninstall",
  "upkeep-web",
  "utmpset",
] as const;

const columns = 80;
const manuals = join(repositoryRoot, "man");

describe("--help", () => {
  for (const command of commands) {
    rigTest(
      `of ${command} begins with the usage, fits on a terminal and leads to the manual`,
      ourSuites,
      async (rig) => {
        const { code, stdout, stderr } = await rig.run(command, ["--help"]);
        expect([code, stderr]).toEqual([0, ""]);
        expect(stdout).toMatch(new RegExp(`^usage: ${command.replace("upkeep-", "upkeep ")}(?: |\\n)`));
        expect(stdout.split("\n").filter((line) => line.length > columns || line.endsWith(" "))).toEqual([]);
        // yargs would print the types of options, which help nobody.
        expect(stdout).not.toMatch(/\[(?:boolean|string|default)/);
        const [, page = "", section = ""] = /\n\nSee (\S+)\((\d)\)\.\n$/.exec(stdout) ?? [];
        const manual = readFileSync(join(manuals, `${page}.${section}`), "utf8").replaceAll("\\", "");
        const options = [...stdout.matchAll(/^ {2}(--?[^\s,]+)/gm)].map(([, option = ""]) => option);
        expect(options).toEqual(expect.arrayContaining(["--help", "--version"]));
        for (const option of options) expect(manual).toMatch(new RegExp(`^\\.B.* ?${option}(?: |,|$)`, "m"));
        // It must work at the end of a pipe, and for a reader that stops early.
        const piped = await rig.run("sh", ["-c", `"$0" --help | head -n 1`, rig.suite.command(command)]);
        expect(piped).toMatchObject({ code: 0, stdout: `${stdout.split("\n")[0] ?? ""}\n`, stderr: "" });
      },
    );
  }
});
