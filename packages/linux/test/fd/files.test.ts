import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
  closeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { errno, errnoOf } from "@upkeep/linux/core/errno";
import { makeFifo } from "@upkeep/linux/fd/fifo";
import { openFresh, readFile, readInto } from "@upkeep/linux/fd/files";
import { afterAll, expect, test } from "vitest";

const root = mkdtempSync(join(tmpdir(), "upkeep-files-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const at = (name: string): string => join(root, name);

function errnoFrom(call: () => unknown): number {
  try {
    call();
  } catch (error) {
    return errnoOf(error);
  }
  return 0;
}

test("what is no regular file is not read, and nothing waits for it", () => {
  mkdirSync(at("directory"));
  makeFifo(at("fifo"), 0o600);
  symlinkSync("/dev/zero", at("zero"));
  for (const mayBeLink of [false, true]) {
    expect(errnoFrom(() => readFile(at("directory"), { mayBeLink }))).toBe(errno.EISDIR);
    for (const name of ["fifo", "zero"]) expect(errnoFrom(() => readFile(at(name), { mayBeLink }))).toBe(errno.ENOTREG);
  }
});

test("a link is followed only where it may be one", () => {
  writeFileSync(at("target"), "text");
  symlinkSync("target", at("link"));
  expect(errnoFrom(() => readFile(at("link")))).toBe(errno.ENOTREG);
  expect(readFile(at("link"), { mayBeLink: true }).toString()).toBe("text");
});

test("a file that is larger than the limit is an error, one of that size is read", () => {
  writeFileSync(at("full"), Buffer.alloc(65_536, "x"));
  writeFileSync(at("large"), Buffer.alloc(65_537, "x"));
  expect(readFile(at("full")).length).toBe(65_536);
  expect(errnoFrom(() => readFile(at("large")))).toBe(errno.EFBIG);
});

test("a file of which something else is demanded is not permitted", () => {
  writeFileSync(at("two"), "");
  linkSync(at("two"), at("names"));
  expect(errnoFrom(() => readFile(at("two"), { accepts: ({ nlink }) => nlink === 1 }))).toBe(errno.EPERM);
});

test("a fresh file takes the place of a link, and what that leads to stays", () => {
  writeFileSync(at("precious"), "kept");
  symlinkSync("precious", at("stat.new"));
  const fd = openFresh(at("stat.new"), 0o644);
  writeSync(fd, "new");
  closeSync(fd);
  expect(readFile(at("stat.new")).toString()).toBe("new");
  expect(readFileSync(at("precious"), "utf8")).toBe("kept");
});

test("the beginning of a file is read with one call, and only of a regular file that is no link", () => {
  writeFileSync(at("short"), "abc");
  const room = new Uint8Array(5);
  expect([readInto(room, at("short")), Buffer.from(room.subarray(0, 3)).toString()]).toEqual([3, "abc"]);
  writeFileSync(at("long"), "abcdefgh");
  expect([readInto(room, at("long")), Buffer.from(room).toString()]).toEqual([5, "abcde"]);
  symlinkSync("short", at("to-short"));
  makeFifo(at("pipe"), 0o600);
  for (const path of [at("to-short"), at("pipe"), "/dev/zero"]) {
    expect(errnoFrom(() => readInto(room, path))).toBe(errno.ENOTREG);
  }
  mkdirSync(at("room"));
  expect(errnoFrom(() => readInto(room, at("room")))).toBe(errno.EISDIR);
  expect(errnoFrom(() => readInto(room, at("absent")))).toBe(errno.ENOENT);
});
