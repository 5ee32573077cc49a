import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import type { Piece } from "../../src/core/request.ts";
import { putInPlace, takeBack } from "../../src/files/put-in-place.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "upkeep-unit-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const file: Piece = { kind: "file", path: "/etc/init.d/upkeep", text: "#!/bin/sh\n", mode: 0o755 };
const link: Piece = { kind: "link", path: "/etc/runlevels/default/upkeep", target: "/etc/init.d/upkeep" };
const line: Piece = { kind: "line", path: "/etc/inittab", line: "uk:2345:respawn:/etc/upkeep/upkeep-start" };
const directory: Piece = { kind: "directory", path: "/etc/service" };
const pieces = [directory, file, link];

const text = (path: string): string => readFileSync(join(root, path), "utf8");
const outcomes = (done: readonly { readonly outcome: string }[]): readonly string[] =>
  done.map(({ outcome }) => outcome);

test("puts pieces in place once, and takes them back once, but for the directory", () => {
  expect(outcomes(putInPlace(pieces, root, false))).toEqual(["made", "made", "made"]);
  expect(statSync(join(root, "etc/init.d/upkeep")).mode & 0o777).toBe(0o755);
  expect(readlinkSync(join(root, "etc/runlevels/default/upkeep"))).toBe("/etc/init.d/upkeep");
  expect(outcomes(putInPlace(pieces, root, false))).toEqual(["there already", "there already", "there already"]);
  expect(outcomes(takeBack(pieces, root))).toEqual(["removed", "removed", "left alone"]);
  expect(existsSync(join(root, "etc/service"))).toBe(true);
  expect(outcomes(takeBack(pieces, root))).toEqual(["not there", "not there", "left alone"]);
});

test("overwrites nothing, before anything is written", () => {
  mkdirSync(join(root, "etc/init.d"), { recursive: true });
  writeFileSync(join(root, "etc/init.d/upkeep"), "mine\n");
  expect(() => putInPlace(pieces, root, false)).toThrow(/^is there already/);
  expect(existsSync(join(root, "etc/service"))).toBe(false);
  expect(() => takeBack(pieces, root)).toThrow(/remove it by hand/);
  expect(text("etc/init.d/upkeep")).toBe("mine\n");
});

test("keeps a copy of what it replaces, also when there is one already", () => {
  mkdirSync(join(root, "etc/init.d"), { recursive: true });
  for (const [number, content] of ["one", "two"].entries()) {
    writeFileSync(join(root, "etc/init.d/upkeep"), content);
    const copy = join(root, `etc/init.d/.upkeep.before-install-${number + 1}`);
    expect(putInPlace([file], root, true)).toEqual([{ piece: file, outcome: "made", copy }]);
    expect(readFileSync(copy, "utf8")).toBe(content);
  }
});

test("a link in the place of a file is something else, wherever it leads", () => {
  mkdirSync(join(root, "etc/init.d"), { recursive: true });
  writeFileSync(join(root, "elsewhere"), "#!/bin/sh\n");
  symlinkSync(join(root, "elsewhere"), join(root, "etc/init.d/upkeep"));
  expect(() => putInPlace([file], root, false)).toThrow(/^is there already/);
  putInPlace([file], root, true);
  expect(lstatSync(join(root, "etc/init.d/upkeep")).isFile()).toBe(true);
});

test("adds a line to a file that a link leads to, keeps its mode, and removes the line alone", () => {
  mkdirSync(join(root, "etc"));
  writeFileSync(join(root, "etc/real"), "id:2:initdefault:\nlast line without its end");
  chmodSync(join(root, "etc/real"), 0o640);
  symlinkSync("real", join(root, "etc/inittab"));
  putInPlace([line], root, false);
  expect(text("etc/real")).toBe(
    `id:2:initdefault:\nlast line without its end\n${line.kind === "line" ? line.line : ""}\n`,
  );
  expect(statSync(join(root, "etc/real")).mode & 0o777).toBe(0o640);
  expect(lstatSync(join(root, "etc/inittab")).isSymbolicLink()).toBe(true);
  takeBack([line], root);
  expect(text("etc/real")).toBe("id:2:initdefault:\nlast line without its end\n");
  expect(readdirSync(join(root, "etc")).toSorted()).toEqual(["inittab", "real"]);
});

test("says what cannot be read or written", () => {
  writeFileSync(join(root, "etc"), "");
  expect(() => putInPlace(pieces, root, false)).toThrow(/^unable to read .*etc\/service: not a directory$/);
});
