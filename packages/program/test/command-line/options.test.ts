import { parseOptions } from "@upkeep/program/command-line/options";
import { UsageError } from "@upkeep/program/core/usage";
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
});
