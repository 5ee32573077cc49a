import { describe, expect, test } from "vitest";

import { readArguments } from "../../src/core/arguments.ts";

const read = (...args: readonly string[]): unknown => readArguments("svlogd", args);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("readArguments", () => {
  test.each([
    [[]],
    [["-t"]],
    [["--"]],
    [["-l", "1024", "d"]],
    [["-l5000", "d"]],
    [["-b", "1000", "d"]],
    [["-r", "ab", "d"]],
    [["-r", "", "d"]],
    [["-r", "é", "d"]],
  ])("%j is answered with the usage alone", (args) => {
    expect(read(...args)).toEqual({ complaint: "" });
  });

  test("names an unknown option and a missing argument", () => {
    expect(read("-tx", "d")).toEqual({ complaint: "svlogd: illegal option -- x\n" });
    expect(read("-tl")).toEqual({ complaint: "svlogd: option requires an argument -- l\n" });
    expect(read("-V")).toMatchObject({ complaint: expect.stringMatching(/^\$Id: .* \$\n$/) });
  });

  test("leaves --help to the option parser", () => {
    expect(read("--help")).toBe("long");
  });

  test("has runit's defaults", () => {
    expect(read("d")).toEqual({
      stamp: 0,
      isVerbose: false,
      replacement: null,
      alsoReplaced: bytes(""),
      lineLength: 1000,
      directories: ["d"],
    });
  });

  test("takes bundled flags and glued values; more than three -t are three", () => {
    expect(read("-tttt", "-vl80", "-b", "90", "d", "-t")).toMatchObject({
      stamp: 3,
      isVerbose: true,
      lineLength: 80,
      directories: ["d", "-t"],
    });
  });

  test("takes the next word as the value, even one that looks like an option", () => {
    expect(read("-l", "-b", "6", "d")).toMatchObject({ lineLength: 1000, directories: ["6", "d"] });
  });

  test("replaces by _ what -R says, unless -r names something else", () => {
    expect(read("-R", "ab", "d")).toMatchObject({ replacement: 0x5f, alsoReplaced: bytes("ab") });
    expect(read("-r", ".", "-R", "ab", "d")).toMatchObject({ replacement: 0x2e });
    expect(read("-R", "ab", "-r", ".", "d")).toMatchObject({ replacement: 0x2e });
  });

  test("takes - as a directory", () => {
    expect(read("-t", "-", "d")).toMatchObject({ directories: ["-", "d"] });
  });
});
