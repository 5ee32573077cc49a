import { closeSync, mkdtempSync, openSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openOutputFifo } from "@upkeep/supervise/fifo/supervisor-end";
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
  const { reader, service } = openOutputFifo(path, "supervise/stdout");
  expect(new Set(openOn(path))).toEqual(new Set([reader, service]));
  for (const fd of [reader, service]) closeSync(fd);
});

test("an output that can be opened for one side only is not left open", () => {
  const path = join(root, "one");
  withOneDescriptor(() => {
    expect(() => openOutputFifo(path, "supervise/stdout")).toThrow(
      "unable to open supervise/stdout: process cannot open more files",
    );
  });
  expect(openOn(path)).toEqual([]);
});
