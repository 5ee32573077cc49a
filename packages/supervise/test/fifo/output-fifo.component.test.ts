import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makeFifo } from "@upkeep/linux/fd/fifo";
import { hasOutputFifo, openOutputFifo } from "@upkeep/supervise/fifo/supervisor-end";
import { openFilesLimit, setOpenFilesLimit } from "@upkeep/linux/exec/limits";
import { afterAll, expect, test } from "vitest";

const root = mkdtempSync(join(tmpdir(), "upkeep-output-fifo-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Descriptors of this process that are open on a file. */
function openOn(path: string): readonly number[] {
  return readdirSync("/proc/self/fd")
    .map(Number)
    .filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === path;
      } catch {
        // That of the listing itself, which is closed by now.
        return false;
      }
    });
}

/** Does something with no more than one descriptor to be had. */
function withOneDescriptor(action: () => void): void {
  const before = openFilesLimit();
  const lowest = openSync("/dev/null", "r");
  closeSync(lowest);
  setOpenFilesLimit({ soft: lowest + 1, hard: before.hard });
  try {
    action();
  } finally {
    setOpenFilesLimit(before);
  }
}

test("the FIFO of an output is opened for both sides", () => {
  const path = join(root, "both");
  const { reader, service } = openOutputFifo(path, "supervise/private");
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(statSync(join(path, "stdout")).mode & 0o777).toBe(0o622);
  expect(new Set(openOn(join(path, "stdout")))).toEqual(new Set([reader, service]));
  for (const fd of [reader, service]) closeSync(fd);
});

test("an output that can be opened for one side only is not left open", () => {
  const path = join(root, "one");
  withOneDescriptor(() => {
    expect(() => openOutputFifo(path, "supervise/private")).toThrow(
      "unable to open supervise/private/stdout: process cannot open more files",
    );
  });
  expect(openOn(join(path, "stdout"))).toEqual([]);
});

test("the FIFO of an older version is taken over", () => {
  const supervise = join(root, "old");
  mkdirSync(supervise);
  const old = join(supervise, "stdout");
  makeFifo(old, 0o622);
  const { ino } = statSync(old);
  const directory = join(supervise, "private");
  expect(hasOutputFifo(directory)).toBe(true);
  const { reader, service } = openOutputFifo(directory, "supervise/private");
  expect([existsSync(old), fstatSync(reader).ino]).toEqual([false, ino]);
  for (const fd of [reader, service]) closeSync(fd);
});

test.each([
  ["a link", (path: string) => symlinkSync(root, path), "not a directory"],
  ["a file", (path: string) => writeFileSync(path, ""), "not a directory"],
  ["a directory that others may enter", (path: string) => mkdirSync(path, 0o755), "permission denied"],
])("%s in the place of the private directory is not used", (what, make, reason) => {
  const path = join(root, what);
  make(path);
  expect(() => openOutputFifo(path, "supervise/private")).toThrow(`unable to use supervise/private: ${reason}`);
});
