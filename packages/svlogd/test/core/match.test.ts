import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { matches, selects } from "../../src/core/match.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const match = (pattern: string, line: string): boolean => matches(bytes(pattern), bytes(line), 0, bytes(line).length);

describe("matches", () => {
  test.each([
    ["*pid*", "tcp: pid 4", false],
    ["*p*", "tcp: pid 4", true],
    ["*: *: pid *", "a: b: pid 4", true],
    ["*ab", "aab", false],
    ["x*a", "xaa", false],
    ["x*a", "xba", true],
    ["+a", "aaa", true],
    ["+a", "", false],
    ["+ab", "aaab", true],
    ["+abcd", "a", true],
    ["++", "+++", true],
    ["**", "a*b", true],
    ["**", "ab", false],
    ["", "", true],
    ["", "a", false],
    ["*", "", true],
    ["abc", "abc", true],
    ["abc", "abcd", false],
    ["abc", "ab", false],
  ])("%j on %j: %j", (pattern, line, expected) => {
    expect(match(pattern, line)).toBe(expected);
  });

  test("looks at no byte outside the line", () => {
    const line = fc.string({ unit: fc.constantFrom("a", "b", "*", "+"), maxLength: 12 });
    fc.assert(
      fc.property(line, line, line, (pattern, text, around) => {
        const whole = bytes(around + text + around);
        expect(matches(bytes(pattern), whole, around.length, around.length + text.length)).toBe(match(pattern, text));
      }),
    );
  });
});

describe("selects", () => {
  const rules = [
    { selects: false, pattern: bytes("*") },
    { selects: true, pattern: bytes("a*") },
    { selects: false, pattern: bytes("ab") },
  ];

  test.each([
    ["x", false],
    ["ac", true],
    ["ab", false],
  ])("the last rule that matches %j decides: %j", (line, expected) => {
    expect(selects(rules, true, bytes(line), 0, line.length)).toBe(expected);
  });

  test("without a match the default holds", () => {
    expect(selects([], true, bytes("x"), 0, 1)).toBe(true);
    expect(selects([], false, bytes("x"), 0, 1)).toBe(false);
  });
});
