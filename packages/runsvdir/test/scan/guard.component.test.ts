import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { decodeHolder, encodeHolder, type Holder } from "@upkeep/supervise/core/holder";
import { openLockFile } from "@upkeep/supervise/files/lock-file";
import { processInfo } from "@upkeep/linux/process/process-info";
import { describe, expect, test } from "vitest";

import { createGuard, type Guard } from "../../src/scan/guard.ts";

function withDirectory(run: (path: string, guard: Guard) => void): void {
  const path = mkdtempSync(join(tmpdir(), "upkeep-guard-"));
  const guard = createGuard();
  try {
    run(path, guard);
  } finally {
    guard.release();
    rmSync(path, { recursive: true });
  }
}

/** Leaves behind what a holder would: the record of a process that lives and is not us, but for the changes. */
function leaveRecord(path: string, guard: Guard, changes: Partial<Holder>): void {
  const file = join(path, ".runsvdir/holder.json");
  guard.take(path);
  const own = decodeHolder(readFileSync(file, "utf8"));
  guard.release();
  const parent = processInfo(process.ppid);
  if (own === null || parent === null) throw new Error("no record, or no parent");
  writeFileSync(file, encodeHolder({ ...own, pid: process.ppid, startTicks: parent.startTicks, ...changes }));
}

describe("a guard", () => {
  test("takes a directory, names us, and leaves no trace of us when it is released", () => {
    withDirectory((path, guard) => {
      expect(guard.take(path)).toEqual({ kind: "held" });
      expect(decodeHolder(readFileSync(join(path, ".runsvdir/holder.json"), "utf8"))?.pid).toBe(process.pid);
      guard.release();
      expect(existsSync(join(path, ".runsvdir/holder.json"))).toBe(false);
    });
  });

  test("is refused by a holder that lives, whose pid it tells", () => {
    withDirectory((path, guard) => {
      leaveRecord(path, guard, {});
      expect(guard.take(path)).toEqual({ kind: "refused", pid: process.ppid });
      guard.release();
      expect(existsSync(join(path, ".runsvdir/holder.json"))).toBe(true);
    });
  });

  test.each<readonly [string, Partial<Holder>]>([
    ["that is gone", { pid: 2 ** 22 + 1 }],
    ["whose pid is another's now", { startTicks: 1 }],
    ["from before the last boot", { bootId: "earlier" }],
    ["in another container", { pidNamespace: "pid:[1]" }],
  ])("takes over at once from a holder %s", (_what, changes) => {
    withDirectory((path, guard) => {
      leaveRecord(path, guard, changes);
      expect(guard.take(path)).toEqual({ kind: "held" });
      expect(decodeHolder(readFileSync(join(path, ".runsvdir/holder.json"), "utf8"))?.pid).toBe(process.pid);
    });
  });

  test("takes over from one that died before it could say who it was", () => {
    withDirectory((path, guard) => {
      mkdirSync(join(path, ".runsvdir"));
      writeFileSync(join(path, ".runsvdir/holder.json"), "{");
      expect(guard.take(path)).toEqual({ kind: "held" });
    });
  });

  test("is told to come back while another one looks who holds the directory", () => {
    withDirectory((path, guard) => {
      mkdirSync(join(path, ".runsvdir"));
      const gate = openLockFile(join(path, ".runsvdir/gate"), "gate");
      gate.tryLock();
      expect(guard.take(path)).toEqual({ kind: "busy" });
      gate.close();
      expect(guard.take(path)).toEqual({ kind: "held" });
    });
  });

  test("does without where it cannot write", () => {
    withDirectory((path, guard) => {
      expect(guard.take(join(path, "missing"))).toEqual({ kind: "held" });
      writeFileSync(join(path, ".runsvdir"), "");
      expect(guard.take(path)).toEqual({ kind: "held" });
    });
  });
});
