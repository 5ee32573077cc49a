import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makeFifo } from "@upkeep/linux/fd/fifo";
import { afterEach, beforeEach, expect, test } from "vitest";

import { createEnvironmentFiles, sharedNames } from "../../src/environment/environment-files.ts";

let root = "";
let directory = "";
let warnings: string[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "upkeep-my_init-"));
  directory = join(root, "environment");
  mkdirSync(directory);
  warnings = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const files = (): ReturnType<typeof createEnvironmentFiles> =>
  createEnvironmentFiles(directory, (message) => warnings.push(message));
const modeOf = (path: string): number => statSync(path).mode & 0o7777;

test("a directory that is not there is no trouble", () => {
  rmSync(directory, { recursive: true });
  expect(files().load()).toBeNull();
  expect(warnings).toEqual([]);
});

test("names and values are the bytes that they are", () => {
  writeFileSync(Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0xff])]), Buffer.from([0xfe, 0x0a]));
  expect(files().load()).toEqual(new Map([["\xff", "\xfe"]]));
  files().saveEach(new Map([["\xe9", "\xc3"]]), new Map());
  expect(readFileSync(Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0xe9])]))).toEqual(Buffer.from([0xc3]));
});

test("newlines at the end of a value survive its file", () => {
  const variables = new Map([["KEY", "-----BEGIN-----\r\nMII\n-----END-----\n\n"]]);
  files().saveEach(variables, new Map());
  expect(files().load()).toEqual(variables);
});

test("what is no variable is told of once; the directories of a volume are none of them", () => {
  mkdirSync(join(directory, "D"));
  mkdirSync(join(directory, "..data"));
  writeFileSync(join(directory, "A=B"), "x");
  writeFileSync(join(directory, "A"), "1");
  const same = files();
  expect([same.load(), same.load()]).toEqual([new Map([["A", "1"]]), new Map([["A", "1"]])]);
  expect(warnings).toEqual([
    `unable to set A=B from ${directory}: invalid argument`,
    `unable to read ${directory}/D: is a directory`,
  ]);
});

test("only what differs is written, and what cannot be is told by name", () => {
  writeFileSync(join(directory, "A"), "1\n");
  mkdirSync(join(directory, "D"));
  const variables = new Map([
    ["A", "1"],
    ["B", "2"],
    ["C/D", "3"],
    ["D", "4"],
    ["HOME", "/"],
  ]);
  expect(files().saveEach(variables, new Map([["A", "1"]]))).toEqual(new Set(["C/D", "D"]));
  expect(readFileSync(join(directory, "A"), "utf8")).toBe("1\n");
  expect(readFileSync(join(directory, "B"), "utf8")).toBe("2");
  expect(sharedNames(variables)).toEqual(new Set(["A", "B", "C/D", "D"]));
});

test("what is no regular file keeps nobody waiting, and stays", () => {
  makeFifo(join(directory, "A"), 0o600);
  symlinkSync("/dev/full", join(directory, "B"));
  const variables = new Map([
    ["A", "1"],
    ["B", "2"],
  ]);
  const same = files();
  expect(same.load()).toEqual(new Map());
  expect(same.saveEach(variables, new Map())).toEqual(new Set(["A", "B"]));
  expect(warnings).toEqual([
    `unable to read ${directory}/A: not a regular file`,
    `unable to read ${directory}/B: not a regular file`,
    `unable to write to ${directory}: device not configured`,
    `unable to write to ${directory}: not a regular file`,
  ]);
});

test("names in messages are text", () => {
  mkdirSync(join(directory, "Größe"));
  files().load();
  expect(warnings).toEqual([`unable to read ${directory}/Größe: is a directory`]);
});

test("a new file with everything is for its owner and one group; one that is there keeps its rights and its link", () => {
  writeFileSync(join(root, "elsewhere"), "");
  chmodSync(join(root, "elsewhere"), 0o604);
  symlinkSync("elsewhere", `${directory}.json`);
  files().saveWhole(new Map([["A", "1"]]));
  expect(readFileSync(`${directory}.sh`, "utf8")).toBe("export A='1'\n");
  expect(modeOf(`${directory}.sh`)).toBe(0o640);
  expect(readFileSync(join(root, "elsewhere"), "utf8")).toBe('{"A": "1"}');
  expect(modeOf(join(root, "elsewhere"))).toBe(0o604);
  expect(warnings).toEqual([]);
});

test("a replacement that was left half-written by a killed container is no obstacle", () => {
  writeFileSync(`${directory}.sh.new`, "junk that is longer than what comes");
  files().saveWhole(new Map([["A", "1"]]));
  expect(readFileSync(`${directory}.sh`, "utf8")).toBe("export A='1'\n");
});

test("what is no regular file behind a link stays what it is, as /dev/null must", () => {
  makeFifo(join(root, "other"), 0o600);
  symlinkSync(join(root, "other"), `${directory}.sh`);
  files().saveWhole(new Map([["A", "1"]]));
  expect(statSync(join(root, "other")).isFIFO()).toBe(true);
  expect(warnings).toEqual([`unable to write ${directory}.sh: not a regular file`]);
});
