import { execFileSync } from "node:child_process";

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  addMissing,
  fileOfValue,
  isFileName,
  ownershipOf,
  renderJson,
  renderShell,
  replaceBy,
  valueOfFile,
  variablesForFiles,
  variablesOf,
  withHome,
} from "../../src/core/variables.ts";

const map = (entries: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(entries));

describe("variables", () => {
  test("are taken from entries; the first of a name counts, and what has no name does not", () => {
    expect(variablesOf(["A=1", "B==", "A=2", "=x", "junk"])).toEqual(map({ A: "1", B: "=" }));
  });

  test("are a file's content without one newline at its end", () => {
    expect(["", "\n", "a", "a\n", "a\n\n", "a\nb\n", "a\0b"].map(valueOfFile)).toEqual([
      "",
      "",
      "a",
      "a",
      "a\n",
      "a\nb",
      "a\nb",
    ]);
  });

  test("have their value again when they come from the file that it makes, newlines at its end included", () => {
    expect(["", "a", "a\n", "a\n\n", "a\r\n", "\n"].map(fileOfValue)).toEqual([
      "",
      "a",
      "a\n\n",
      "a\n\n\n",
      "a\r\n\n",
      "\n\n",
    ]);
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "\n", "\r", " ") }), (value) => {
        expect(valueOfFile(fileOfValue(value))).toBe(value);
      }),
    );
  });

  test("that are set win over files at first, and files win later", () => {
    const own = map({ A: "1", HOME: "/root", B: "2" });
    expect(addMissing(own, map({ A: "x", C: "3" }))).toEqual(map({ A: "1", HOME: "/root", B: "2", C: "3" }));
    expect(replaceBy(own, map({ A: "x" }), new Set(), map({}))).toEqual(map({ HOME: "/root", A: "x" }));
  });

  test("of the user are kept unless a file says otherwise, and so are those that could not be written", () => {
    const own = map({ HOME: "/root", USER: "u", GROUP: "g", UID: "0", GID: "0", SHELL: "s", A: "1", B: "2" });
    expect(replaceBy(own, map({ SHELL: "/bin/zsh" }), new Set(["B"]), map({}))).toEqual(
      map({ HOME: "/root", USER: "u", GROUP: "g", UID: "0", GID: "0", SHELL: "/bin/zsh", B: "2" }),
    );
  });

  test("that could not be written go before a file that was there before them, and not before a new one", () => {
    const own = map({ A: "run" });
    const look = (text: string): unknown => replaceBy(own, map({ A: text }), new Set(["A"]), map({ A: "image" }));
    expect(look("image")).toEqual(map({ A: "run" }));
    expect(look("script")).toEqual(map({ A: "script" }));
  });

  test("get a file when it differs, but not the user's", () => {
    expect(variablesForFiles(map({ A: "1", B: "2", HOME: "/" }), map({ A: "1", B: "x" }))).toEqual(map({ B: "2" }));
  });

  test("have names that a file can have", () => {
    expect(["A", ".", "..", "a/b", "é %"].map(isFileName)).toEqual([true, false, false, false, true]);
  });
});

describe("the file for shells", () => {
  test("has one line for each, with names that a shell takes and without the user's", () => {
    expect(renderShell(map({ A: "it's", "B-C": "", HOME: "/root", "1X": "y" }))).toBe(
      `export A='it'"'"'s'\nexport B_C=''\nexport _1X='y'\n`,
    );
  });

  test("gives a shell the value back, whatever bytes are in it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ min: 1, max: 255 }), (bytes) => {
        const value = Buffer.from(bytes).toString("latin1");
        const script = Buffer.from(`${renderShell(map({ V: value }))}printf %s "$V"`, "latin1");
        expect(execFileSync("sh", { input: script }).toString("latin1")).toBe(value);
      }),
      { numRuns: 20 },
    );
  });
});

describe("the file for programs", () => {
  test("has all of them, in ASCII", () => {
    const value = Buffer.from('é"\n\u{1f600}', "utf8").toString("latin1");
    expect(renderJson(map({ A: value, HOME: "/root" }))).toBe('{"A": "\\u00e9\\"\\n\\ud83d\\ude00", "HOME": "/root"}');
  });

  test("has a surrogate for each byte that is not UTF-8", () => {
    expect(renderJson(map({ A: "\xff\xc3" }))).toBe('{"A": "\\udcff\\udcc3"}');
  });

  test("is JSON of the same text, whatever is in it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const value = Buffer.from(text, "utf8").toString("latin1");
        const json = renderJson(map({ V: value }));
        expect(JSON.parse(json)).toEqual({ V: text });
        expect(json).toMatch(/^[ -~]*$/);
      }),
      { examples: [["\ufeff"]] },
    );
  });
});

test("a home that is set stays, and another one is not even looked for", () => {
  const never = (): string => {
    throw new Error("looked for");
  };
  expect(withHome(map({ HOME: "/x" }), never)).toEqual(map({ HOME: "/x" }));
  expect(withHome(map({}), () => "/root")).toEqual(map({ HOME: "/root" }));
});

test("a file that is there keeps its owner and mode; a new one is for its owner and docker_env", () => {
  const own = { uid: 0, gid: 0 };
  expect(ownershipOf({ mode: 0o644, uid: 1, gid: 2 }, own, 8377)).toEqual({ mode: 0o644, uid: 1, gid: 2 });
  expect(ownershipOf(null, own, 8377)).toEqual({ mode: 0o640, uid: 0, gid: 8377 });
  expect(ownershipOf(null, own, null)).toEqual({ mode: 0o640, uid: 0, gid: 0 });
});
