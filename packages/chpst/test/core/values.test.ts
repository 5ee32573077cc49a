import { bytesOf } from "@upkeep/linux/core/byte-text";
import { describe, expect, test } from "vitest";

import { changeEnvironment, changeOfFile, valueOf } from "../../src/core/environment.ts";
import { readNumber, softLimit } from "../../src/core/limits.ts";
import { loginVariables } from "../../src/setuser.ts";
import { readUserSpec } from "../../src/core/user-spec.ts";

describe("readUserSpec", () => {
  test.each([
    ["app", { kind: "names", user: "app", groups: [] }],
    ["app:a:b", { kind: "names", user: "app", groups: ["a", "b"] }],
    ["app:", { kind: "names", user: "app", groups: [""] }],
    ["1234", { kind: "names", user: "1234", groups: [] }],
    [":1:2:3", { kind: "ids", uid: 1, gids: [2, 3] }],
    [":0:4294967294", { kind: "ids", uid: 0, gids: [4294967294] }],
  ])("%j", (text, expected) => {
    expect(readUserSpec(text)).toEqual(expected);
  });

  test.each([
    ":",
    "::",
    ":1",
    ":1:",
    ":1::3",
    ":1:2:",
    ":a:1",
    ":1:0x2",
    ": 1:2",
    ":-1:2",
    ":4294967295:1",
    ":4294967296:1",
  ])("%j names no ids", (text) => {
    expect(readUserSpec(text)).toBeNull();
  });
});

describe("environment", () => {
  test.each([
    ["", null],
    ["\n", ""],
    ["a", "a"],
    ["a \t\nb", "a"],
    [" a\0 \0", " a\n \n"],
    ["a\r\n", "a\r"],
  ])("a file with %j", (content, value) => {
    expect(changeOfFile("A", content)).toEqual({ name: "A", value });
  });

  test("changes replace, add and remove; names with = replace what is before it", () => {
    const entries = ["A=1", "B=2", "AB=3", "C=4", "A=5"];
    const change = (name: string, value: string | null): readonly string[] =>
      changeEnvironment(entries, [{ name, value }]);
    expect(change("A", "x")).toEqual(["B=2", "AB=3", "C=4", "A=x"]);
    expect(change("D", "")).toEqual([...entries, "D="]);
    expect(change("B", null)).toEqual(["A=1", "AB=3", "C=4", "A=5"]);
    expect(change("B=x", "y")).toEqual(["A=1", "AB=3", "C=4", "A=5", "B=x=y"]);
    expect(valueOf(entries, "A")).toBe("1");
    expect(valueOf(entries, "")).toBeNull();
  });

  test("a login has a shell", () => {
    const entry = { uid: 5, gid: 6, home: bytesOf("/home/\xff"), shell: bytesOf("") };
    expect(loginVariables("app", entry)).toEqual([
      { name: "USER", value: "app" },
      { name: "LOGNAME", value: "app" },
      { name: "HOME", value: "/home/\xff" },
      { name: "SHELL", value: "/bin/sh" },
      { name: "UID", value: "5" },
    ]);
  });
});

describe("limits", () => {
  test("are numbers of digits, and at most the hard one", () => {
    expect(readNumber("")).toBe(0n);
    expect(readNumber("18446744073709551616")).toBe(18446744073709551616n);
    for (const text of ["x", "-1", "1 ", "0x1"]) expect(readNumber(text)).toBeNull();
    expect(softLimit(5n, 7n)).toBe(5n);
    expect(softLimit(9n, 7n)).toBe(7n);
    expect(softLimit("hard", 7n)).toBe(7n);
  });
});
