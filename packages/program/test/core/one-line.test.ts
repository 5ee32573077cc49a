import { harmless, harmlessJson } from "@upkeep/program/core/one-line";
import { expect, test } from "vitest";

test("text of others neither ends the line nor commands the terminal", () => {
  expect(harmless("db\nok: other: forged\x1b]0;title\x07\x7f")).toBe(
    String.raw`db\x0aok: other: forged\x1b]0;title\x07\x7f`,
  );
  expect(harmless("\x9b2J\u2028\u202e\u2066")).toBe(String.raw`\x9b2J\u2028\u202e\u2066`);
});

test("names in UTF-8, and bytes that are not, stay as they are", () => {
  for (const name of ["grüße-Ωμέγα-日本-🚀", "חדשות", "\udc9b\udcff"]) expect(harmless(name)).toBe(name);
});

test("JSON keeps its lines and its meaning", () => {
  const value = ["\x7f\x9b\u202e\n"];
  const json = harmlessJson(`[\n${JSON.stringify(value)}\n]`);
  expect(json).toBe(String.raw`[_["\u007f\u009b\u202e\n"]_]`.replaceAll("_", "\n"));
  expect(JSON.parse(json)).toEqual([value]);
});
