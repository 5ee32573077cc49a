import { matching, patternIn } from "@upkeep/sv/core/glob";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

describe("a pattern", () => {
  test.each([
    ["web-*", ["web-", "web-1", "web-a-b"], ["web", "xweb-1"]],
    ["*", ["a", "", "a*"], []],
    ["?", ["a", "é", "😀"], ["", "ab"]],
    ["a?c*e", ["abce", "abcde", "a-c-e-e"], ["ace", "abcd"]],
    ["*a*b*", ["ab", "xaxbx", "aab"], ["ba", ""]],
    ["[a-c]x", ["ax", "bx", "cx"], ["dx", "x", "-x"]],
    ["[!a-c]x", ["dx", "!x"], ["ax", "x"]],
    ["[]a]", ["]", "a"], ["b"]],
    ["[a-]", ["a", "-"], ["b"]],
    ["a[", ["a["], ["a"]],
    ["[ab", ["[ab"], ["a"]],
    ["\\*x", ["*x"], ["ax", "\\x"]],
    ["a.c", ["a.c"], ["abc"]],
  ])("%j matches %j but not %j", (pattern, yes, no) => {
    expect(matching(pattern, [...yes, ...no])).toEqual(yes);
  });

  test.each([
    ["a*", ["", "a*", ""]],
    ["?", ["", "?", ""]],
    ["[a]", ["", "[a]", ""]],
    ["./*", ["./", "*", ""]],
    ["/*", ["/", "*", ""]],
    ["/srv/web-*/", ["/srv/", "web-*", "/"]],
    ["w*/log", ["", "w*", "/log"]],
    ["srv/w*/log", ["srv/", "w*", "/log"]],
  ])("is found in %j", (name, [before, pattern, after]) => {
    expect(patternIn(name)).toEqual({ before, pattern, after });
  });

  test("is not in a name without a special character, nor in any but the last part of a path", () => {
    for (const name of ["a", "", "a\\b", "/srv/web", "web/log", "/s*/web", "w*/logs", "*/*"]) {
      expect(patternIn(name)).toBe(null);
    }
  });

  const piece = fc.string({ unit: fc.constantFrom("a", "b", "-"), maxLength: 4 });

  test("of pieces with stars between them matches exactly the names that hold them in order", () => {
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 4 }), piece, piece, (pieces, one, other) => {
        const oracle = new RegExp(`^${pieces.join(".*")}$`);
        for (const name of [pieces.join(one), pieces.join(other), `${one}${pieces.join("")}`, one + other]) {
          expect(matching(pieces.join("*"), [name]).length === 1).toBe(oracle.test(name));
        }
      }),
    );
  });

  test("with many stars is decided at once", () => {
    expect(matching("*a".repeat(50), ["b".repeat(250)])).toEqual([]);
  });
});
