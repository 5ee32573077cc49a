import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { processInfo } from "@upkeep/linux/process/process-info";
import { encodeHolder, type Holder } from "@upkeep/supervise/core/holder";
import { describeSelf } from "@upkeep/supervise/files/holder-file";
import { expect, test } from "vitest";

import { holderOf } from "../../src/files/lay-out.ts";

/** What `holderOf` says of a scan directory with this record. */
function holderWith(record: string | null): number | null {
  const path = mkdtempSync(join(tmpdir(), "lay-out-"));
  try {
    mkdirSync(join(path, ".runsvdir"));
    if (record !== null) writeFileSync(join(path, ".runsvdir/holder.json"), record);
    return holderOf(path);
  } finally {
    rmSync(path, { recursive: true });
  }
}

const parent = (): Holder => ({
  ...describeSelf(),
  pid: process.ppid,
  startTicks: processInfo(process.ppid)?.startTicks ?? 0,
});

test("a runsvdir that lives holds the scan directory", () => {
  expect(holderWith(encodeHolder(parent()))).toBe(process.ppid);
});

test("none holds it whose pid another process has now, and none of another boot", () => {
  expect(holderWith(encodeHolder({ ...parent(), startTicks: 1 }))).toBeNull();
  expect(holderWith(encodeHolder({ ...parent(), bootId: "earlier" }))).toBeNull();
});

test("none holds it without a record that can be read", () => {
  expect(["", "{", null].map(holderWith)).toEqual([null, null, null]);
});
