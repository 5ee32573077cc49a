import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { describeProblem, type FoundOptions, getopt } from "../../src/core/getopt.ts";

const read = (...words: readonly string[]): FoundOptions => getopt("vw:x", words);
const found = (options: string, operands: readonly string[] = []): Partial<FoundOptions> => ({
  options: [...options.matchAll(/(\w)=?(\S*)/g)].map(([, letter = "", value = ""]) => ({ letter, value })),
  operands,
  problem: null,
});

describe("options", () => {
  test.each([
    [["-v", "-x"], "v x"],
    [["-vx"], "v x"],
    [["-vw2"], "v w=2"],
    [["-w", "2", "-v"], "w=2 v"],
    [["-w", "-v"], "w=-v"],
    [["-w", "--"], "w=--"],
    [["-vw", ""], "v w"],
    [["-w2", "-w3"], "w=2 w=3"],
  ])("%j", (words, options) => {
    expect(read(...words)).toMatchObject(found(options));
  });

  test("a value is taken with everything in it, bytes as well", () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(read("-w", value).options).toEqual([{ letter: "w", value }]);
      }),
    );
    expect(getopt("\xff:", ["-\xff\xfe"]).options).toEqual([{ letter: "\xff", value: "\xfe" }]);
  });
});

test("an option without a colon takes no value", () => {
  expect(getopt("ab:", ["-ab1", "c"])).toEqual({
    options: [
      { letter: "a", value: "" },
      { letter: "b", value: "1" },
    ],
    operands: ["c"],
    isEndMarked: false,
    problem: null,
  });
  expect(getopt("ab:", ["-:"])).toMatchObject({ problem: { kind: "unknown", letter: ":" } });
});

describe("operands", () => {
  test.each([
    [["status", "-v"], ["status", "-v"], false],
    [["-v", "-", "-x"], ["-", "-x"], false],
    [["-v", "--", "-x", "--"], ["-x", "--"], true],
    [["", "-v"], ["", "-v"], false],
    [["--"], [], true],
    [["-w", "--"], [], false],
    [[], [], false],
  ])("of %j", (words, operands, isEndMarked) => {
    expect(read(...words)).toMatchObject({ operands, isEndMarked, problem: null });
  });
});

describe("a problem", () => {
  test.each([
    [["-vz", "x"], "v", ["-vz", "x"], "illegal option -- z"],
    [["-:"], "", ["-:"], "illegal option -- :"],
    [["-v", "-x😀"], "v x", ["-x😀"], "illegal option -- 😀"],
    [["-x", "-vw"], "x v", ["-vw"], "option requires an argument -- w"],
    [["-v", "--help", "-z"], "v", ["--help", "-z"], "illegal option -- help"],
  ])("in %j", (words, options, operands, sentence) => {
    const { problem, ...rest } = read(...words);
    expect({ ...rest, problem: null }).toMatchObject(found(options, operands));
    expect(problem === null ? null : describeProblem(problem)).toBe(sentence);
  });
});
