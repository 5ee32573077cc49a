import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { tryLock } from "@upkeep/linux/fd/lock";
import { processInfo, systemRun } from "@upkeep/linux/process/process-info";
import { afterAll, expect, test } from "vitest";

import { holdOrphanedRunsv } from "../../src/host/orphaned-runsv.ts";

const root = mkdtempSync(join(tmpdir(), "orphaned-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Makes a service directory whose record names this supervisor. */
function service(name: string, pid: number, startTicks: number): string {
  const path = join(root, name);
  mkdirSync(join(path, "supervise"), { recursive: true, mode: 0o700 });
  const supervisor = { pid, startTicks, parent: "4194303 1", session: 1, group: 1 };
  const record = { version: 1, name, system: systemRun(), supervisor };
  writeFileSync(join(path, "supervise/state.json"), JSON.stringify(record), { mode: 0o600 });
  return path;
}

/** How much this thread has read so far (proc(5), `io`). */
function bytesRead(): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync("/proc/thread-self/io", "utf8"))?.[1]);
}

function lockOf(path: string): number {
  const fd = openSync(join(path, "supervise/lock"), "w");
  expect(tryLock(fd)).toBe(true);
  return fd;
}

test("holds the process on record that has the lock and another parent by now", () => {
  const ticks = processInfo("self")?.startTicks ?? 0;
  const path = service("living", process.pid, ticks);
  expect(holdOrphanedRunsv(path)).toBeNull();
  const lock = lockOf(path);
  const held = holdOrphanedRunsv(path);
  expect(held?.pid).toBe(process.pid);
  held?.close();
  service("living", process.pid, ticks + 1);
  expect(holdOrphanedRunsv(path)).toBeNull();
  closeSync(lock);
});

test("a supervisor that has gone costs the same however many locks there are", () => {
  const path = service("gone", 2 ** 22 - 1, 1);
  // The list of locks grows with them, so to look through it would be to read more.
  const bytesToFind = (): number => {
    const before = bytesRead();
    for (let number = 0; number < 10; number += 1) expect(holdOrphanedRunsv(path)).toBeNull();
    return bytesRead() - before;
  };
  closeSync(lockOf(path));
  const alone = bytesToFind();
  const locks = Array.from({ length: 200 }, (_, number) => lockOf(service(`other-${number}`, 1, 1)));
  try {
    expect(bytesToFind()).toBeLessThan(alone + 10_000);
  } finally {
    for (const lock of locks) closeSync(lock);
  }
});
