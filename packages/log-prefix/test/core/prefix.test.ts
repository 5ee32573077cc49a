import { coloured, prefixOf } from "@upkeep/log-prefix/core/prefix";
import { describe, expect, test } from "vitest";

describe("a prefix", () => {
  test.each([
    ["", "web | "],
    [" \n", "web | "],
    ["db: \n", "db: "],
    ["  [db] ", "  [db] "],
    ["one\ntwo\n", "one"],
    ["x".repeat(300), "x".repeat(200)],
  ])("%j is %j", (text, found) => {
    expect(prefixOf(text, "web")).toBe(found);
  });

  test("has the same colour for the same service", () => {
    expect(coloured("web | ", "web").replaceAll("\x1b", "ESC")).toMatch(/^ESC\[3[1-6]mweb \| ESC\[0m$/);
    expect(coloured("web | ", "web")).toBe(coloured("web | ", "web"));
    const colours = new Set(["a", "b", "c", "d", "e", "f"].map((name) => coloured("", name)));
    expect(colours.size).toBeGreaterThan(1);
  });
});
