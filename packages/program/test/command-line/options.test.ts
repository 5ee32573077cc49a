import { answerHelp, parseOptions } from "@upkeep/program/command-line/options";
import { Answer, UsageError } from "@upkeep/program/core/usage";
import { version } from "@upkeep/program/core/version";
import { describe, expect, test } from "vitest";

const commandLine = {
  usage: "usage: sv [-v] [-w sec] command service ...\n\n",
  help: "usage: sv [-v] [-w sec] command service ...",
  manual: "sv(8)",
  options: {
    v: { type: "boolean", describe: "wait" },
    w: { type: "string", nargs: 1, argument: "sec", describe: "wait so long" },
  },
} as const;

function parse(...args: string[]): ReturnType<typeof parseOptions> {
  return parseOptions({ name: "sv", calledAs: "sv", args }, commandLine);
}

describe("options", () => {
  test.each([
    [["-vw", "2", "up", "a"], { v: true, w: "2" }, ["up", "a"]],
    [["-w2", "up", "-v"], { w: "2" }, ["up", "-v"]],
    [["-vw2", "up"], { v: true, w: "2" }, ["up"]],
    [["--", "-v", "x"], {}, ["-v", "x"]],
    [["-", "a"], {}, ["-", "a"]],
    [["-w", "", "up"], { w: "" }, ["up"]],
    [["-w", "-5", "up"], { w: "-5" }, ["up"]],
    [["up", "12", "007"], {}, ["up", "12", "007"]],
    [["-w", "2", "-w", "3", "up"], { w: "3" }, ["up"]],
    [["-v", "up", "--", "a"], { v: true }, ["up", "--", "a"]],
    [["-v", "true"], { v: true }, ["true"]],
    [["-v", "false", "a"], { v: true }, ["false", "a"]],
    [[], {}, []],
  ])("%j", (args, options, operands) => {
    expect(parse(...args)).toEqual({ options, operands });
  });

  test.each([
    [["-x", "up"], "sv: illegal option -- x"],
    [["-vx", "up"], "sv: illegal option -- x"],
    [["--bogus"], "sv: illegal option -- bogus"],
    [["-w"], "sv: option requires an argument -- w"],
  ])("%j is refused in getopt's words", (args, words) => {
    expect(() => parse(...args)).toThrow(new UsageError(`${words}\n${commandLine.usage}`));
  });

  test("--help and --version are answered with a text for standard output", () => {
    expect(() => parse("-v", "--help", "up")).toThrow(
      new Answer(`${commandLine.help}

Options:
  -v         wait
  -w sec     wait so long
  --help     show this help
  --version  show the version

See sv(8).
`),
    );
    expect(() => parse("--version")).toThrow(new Answer(`sv ${version}\n`));
    const invocation = { name: "sv", calledAs: "sv", args: ["--help"] };
    expect(() => answerHelp(invocation, commandLine)).toThrow(Answer);
    expect(() => answerHelp({ ...invocation, args: ["--bogus"] }, commandLine)).toThrow(UsageError);
  });
});
