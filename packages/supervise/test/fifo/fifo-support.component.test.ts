import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { errno } from "@upkeep/linux/core/errno";
import { whyNoFifos } from "@upkeep/supervise/fifo/fifo-support";
import { openOkFifo } from "@upkeep/supervise/fifo/supervisor-end";
import { afterAll, expect, test } from "vitest";

const root = mkdtempSync(join(tmpdir(), "upkeep-fifos-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const directory = (): string => mkdtempSync(join(root, "supervise-"));

test("a directory that can hold FIFOs gets the ok FIFO", () => {
  const path = directory();
  expect(whyNoFifos(path)).toBe(0);
  expect(readdirSync(path)).toEqual(["ok"]);
  openOkFifo(join(path, "ok"), "supervise/ok");
  expect(whyNoFifos(path)).toBe(0);
  expect(readdirSync(path)).toEqual(["ok"]);
});

test("a plain file in the place of a FIFO shows later", () => {
  const path = directory();
  writeFileSync(join(path, "ok"), "");
  expect(whyNoFifos(path)).toBe(0);
});

test("a plain file that mkfifo makes is no FIFO", () => {
  const path = directory();
  const makeAsSmb = (fifo: string): void => writeFileSync(fifo, "");
  expect(whyNoFifos(path, makeAsSmb)).toBe(errno.EPERM);
  expect(readdirSync(path)).toEqual([]);
});

test("other errors are for whoever opens the directory", () => {
  expect(whyNoFifos(join(root, "missing"))).toBe(0);
  // proc refuses new files with ENOENT or EACCES.
  expect(whyNoFifos("/proc/self")).toBe(0);
});
