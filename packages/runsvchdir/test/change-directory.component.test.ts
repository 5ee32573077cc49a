import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { changeDirectory } from "../src/change-directory.ts";

let base = "";

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "runsvchdir-"));
  for (const name of ["one", "two"]) mkdirSync(join(base, name));
  symlinkSync("one", join(base, "current"));
});

afterEach(() => {
  rmSync(base, { recursive: true });
});

test("current leads to the new directory, previous to the old one, and nothing else is left", () => {
  expect(changeDirectory(base, "two")).toBe(true);
  expect(readdirSync(base).toSorted()).toEqual(["current", "one", "previous", "two"]);
  expect([readlinkSync(join(base, "current")), readlinkSync(join(base, "previous"))]).toEqual(["two", "one"]);
  expect(changeDirectory(base, "two")).toBe(false);
});

test("a link left over from an attempt before is no hindrance", () => {
  symlinkSync("gone", join(base, "current.new"));
  expect(changeDirectory(base, "two")).toBe(true);
  expect(readlinkSync(join(base, "current"))).toBe("two");
});

test("what is no directory is refused, and nothing changed", () => {
  expect(() => changeDirectory(base, "three")).toThrow("three: file does not exist");
  expect(() => changeDirectory(base, ".one")).toThrow(".one: must not start with a dot.");
  expect(() => changeDirectory(join(base, "four"), "one")).toThrow(/^unable to chdir: .*: file does not exist$/);
  expect(readdirSync(base).toSorted()).toEqual(["current", "one", "two"]);
});
