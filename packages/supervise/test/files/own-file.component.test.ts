import { chmodSync, linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makeFifo } from "@upkeep/linux/fd/fifo";
import { isOwnDirectory, readOwnFile } from "@upkeep/supervise/files/own-file";
import { afterEach, beforeEach, expect, test } from "vitest";

let root = "";
let supervise = "";
let file = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "upkeep-own-file-"));
  supervise = join(root, "supervise");
  file = join(supervise, "status");
  mkdirSync(supervise, 0o755);
  writeFileSync(file, "text");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const read = (): string | undefined => readOwnFile(supervise, "status")?.toString();

test("a file of ours in a directory of ours is read, also where supervise itself is a link of its operator", () => {
  expect(read()).toBe("text");
  renameSync(supervise, join(root, "elsewhere"));
  symlinkSync("elsewhere", supervise);
  expect(read()).toBe("text");
  expect(isOwnDirectory(supervise)).toBe(true);
});

test("nothing is read through a link, from a file with another name, or from what is no file", () => {
  linkSync(file, join(root, "other"));
  expect(read()).toBeUndefined();
  rmSync(file);
  expect(read()).toBeUndefined();
  symlinkSync("../other", file);
  expect(read()).toBeUndefined();
  rmSync(file);
  makeFifo(file, 0o600);
  expect(read()).toBeUndefined();
  rmSync(file);
  writeFileSync(file, Buffer.alloc(65_537));
  expect(read()).toBeUndefined();
});

test("nothing counts in a directory to which others may write, or that is not ours", () => {
  for (const mode of [0o775, 0o757, 0o1777]) {
    chmodSync(supervise, mode);
    expect([isOwnDirectory(supervise), read()]).toEqual([false, undefined]);
  }
  const { geteuid } = process;
  try {
    // Everything is as before, but we are somebody else.
    process.geteuid = () => 4711;
    chmodSync(supervise, 0o755);
    expect([isOwnDirectory(supervise), read()]).toEqual([false, undefined]);
  } finally {
    if (geteuid !== undefined) process.geteuid = geteuid;
  }
  expect([isOwnDirectory(supervise), read()]).toEqual([true, "text"]);
});
