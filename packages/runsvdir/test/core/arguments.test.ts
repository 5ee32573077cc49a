import { describe, expect, test } from "vitest";

import { readWords } from "../../src/core/arguments.ts";

describe("readWords", () => {
  test.each([[[]], [["-P"]], [["-Px"]], [["--"]]])("%j lacks a directory", (args) => {
    expect(readWords(args)).toBe("usage");
  });

  test("takes one word as the directory", () => {
    expect(readWords(["/service"])).toMatchObject({ directory: "/service", newSession: false, log: null });
  });

  test.each([[["-P", "d"]], [["-Pfoo", "d"]]])("%j asks for sessions", (args) => {
    expect(readWords(args)).toMatchObject({ directory: "d", newSession: true });
  });

  test("passes over -- and takes the next word as it is", () => {
    expect(readWords(["--", "-P"])).toMatchObject({ directory: "-P", newSession: false });
  });

  test.each(["-x", "-", "", "-p"])("takes %j as the directory", (word) => {
    expect(readWords([word])).toMatchObject({ directory: word, newSession: false });
  });

  test("looks at the first word only", () => {
    expect(readWords(["-P", "-P", "log"])).toMatchObject({ directory: "-P", log: { text: "log" } });
  });

  test("takes the second operand as the log, and counts what follows it", () => {
    expect(readWords(["d", "log: ...."])).toMatchObject({ log: { text: "log: ....", following: 0 } });
    expect(readWords(["d", "log: ....", "x", "y"])).toMatchObject({ log: { text: "log: ....", following: 2 } });
  });

  test("reads long options that are written out, before a directory", () => {
    const words = ["--inline", "--orderly", "--stop-timeout", "30", "-P", "d", "log: ....", "--orderly"];
    expect(readWords(words)).toEqual({
      directory: "d",
      newSession: true,
      isInline: true,
      isOrderly: true,
      stopTimeout: 30_000,
      log: { text: "log: ....", following: 1 },
    });
    expect(readWords(["-P", "--stop-timeout", "30", "d"])).toMatchObject({ newSession: true, stopTimeout: 30_000 });
  });

  test.each([
    [["--orderly"]],
    [["--order", "d"]],
    [["--stop-timeout=3", "d"]],
    [["--stop-timeout", "x", "d"]],
    [["--orderly", "--", "d"]],
    [["--orderly", "-Px", "d"]],
    [["-P", "--no-orderly", "d"]],
    [["--help"]],
  ])("leaves %j to the option parser", (args) => {
    expect(readWords(args)).toBe("long");
  });

  test("takes what follows -P -- as it is", () => {
    expect(readWords(["-P", "--", "d"])).toMatchObject({ directory: "--", newSession: true });
  });
});
