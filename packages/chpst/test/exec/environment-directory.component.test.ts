import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makeFifo } from "@upkeep/linux/fd/fifo";
import { afterEach, beforeEach, expect, test } from "vitest";

import { readEnvironmentDirectory } from "../../src/exec/environment-directory.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "upkeep-unit-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const read = (path = directory): unknown =>
  readEnvironmentDirectory(path, (problem) => {
    throw problem;
  });

test("a file is a variable, a name with a dot in front is none", () => {
  writeFileSync(join(directory, "A"), "value \n");
  writeFileSync(join(directory, ".B"), "x");
  expect(read()).toEqual([{ name: "A", value: "value" }]);
});

test("what holds nothing unsets a variable, and what never ends is an error", () => {
  symlinkSync("/dev/null", join(directory, "A"));
  makeFifo(join(directory, "B"), 0o600);
  const unset = ["A", "B"].map((name) => ({ name, value: null }));
  expect(read()).toEqual(expect.arrayContaining(unset));
  symlinkSync("/dev/zero", join(directory, "C"));
  expect(() => read()).toThrow(`unable to read ${directory}/C: file too big`);
});

test("directories are told", () => {
  mkdirSync(join(directory, "sub"));
  const told: string[] = [];
  expect(readEnvironmentDirectory(directory, ({ message }) => told.push(message))).toEqual([]);
  expect(told).toEqual([`unable to read ${directory}/sub: is a directory`]);
});

test("what cannot be read is an error", () => {
  symlinkSync("absent", join(directory, "A"));
  expect(() => read()).toThrow(`unable to read ${directory}/A: file does not exist`);
  expect(() => read("")).toThrow("unable to switch to directory: : file does not exist");
  expect(() => read("/dev/null")).toThrow("unable to switch to directory: /dev/null: not a directory");
});
