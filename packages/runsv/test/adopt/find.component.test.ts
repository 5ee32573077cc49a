import { mkdtempSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openServiceDirectory } from "@upkeep/service-directory/files/directory";
import { bootMillis } from "@upkeep/linux/time/clock";
import { processInfo } from "@upkeep/linux/process/process-info";
import { decodeStatus } from "@upkeep/supervise/core/status";
import { afterAll, expect, test } from "vitest";

import { findStarted } from "../../src/adopt/find.ts";
import { renderStatus } from "../../src/core/status.ts";
import { decodeFormer, type Starting } from "../../src/core/adopt/record.ts";
import { World } from "../helpers/world.ts";

const root = mkdtempSync(join(tmpdir(), "upkeep-search-"));
const started: number[] = [];
afterAll(() => {
  for (const pid of started) process.kill(pid, "SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

/** A `./run` without a supervisor, once it leads its session and its parent has gone. */
function startOrphan(): number {
  const { stdout } = spawnSync("sh", ["-c", "setsid sleep 1000 >/dev/null 2>&1 </dev/null & echo $!"], { cwd: root });
  const pid = Number(stdout.toString());
  started.push(pid);
  for (;;) {
    const found = processInfo(pid);
    if (found === null) throw new Error("it has ended");
    if (found.session === pid) return pid;
  }
}

test("a child that is being born is found by the second search, which is for young ones only", () => {
  const { service } = new World().state;
  const files = renderStatus(service, "app", { system: "x", logPipe: null, supervisor: null });
  const record = decodeStatus(files.status);
  const former = record === null ? null : decodeFormer(files["state.json"], record);
  if (former === null) return expect.unreachable();
  const place = { slot: "service", directory: openServiceDirectory(root, "open"), hasSession: true } as const;
  const starting: Starting = { what: "run", at: bootMillis(), since: { seconds: 0, nanoseconds: 0 }, pid: null };
  const waits: number[] = [];
  let born = 0;
  const birth = (millis: number): void => {
    waits.push(millis);
    born = startOrphan();
  };
  expect(findStarted(former, { ...starting, at: starting.at - 1000 }, place, birth)).toBeNull();
  expect(waits).toEqual([]);
  let now: Starting = starting;
  let found: ReturnType<typeof findStarted> = null;
  // A machine that stands still for a second makes the child too old for a second look; but not each time.
  for (let attempts = 6; waits.length === 0 && attempts > 0; attempts -= 1) {
    now = { ...starting, at: bootMillis() };
    found = findStarted(former, now, place, birth);
  }
  expect(found).toMatchObject({ pid: born, group: born });
  expect(waits).toEqual([50]);
  expect(findStarted(former, now, place, birth)).toMatchObject({ pid: born });
  expect(waits).toEqual([50]);
});
