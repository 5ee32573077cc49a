import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { listenTo, wakeWaiters } from "@upkeep/supervise/fifo/waiters";
import { afterAll, expect, test } from "vitest";

const root = mkdtempSync(join(tmpdir(), "upkeep-waiters-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** How many descriptors of this process are open on files below a directory. */
function openBelow(directory: string): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(`${directory}/`);
    } catch {
      // That of the listing itself, which is closed by now.
      return false;
    }
  }).length;
}

test("a listener hears of a change, and leaves nothing behind", async () => {
  const supervise = join(root, "heard");
  mkdirSync(supervise);
  const told = Promise.withResolvers<void>();
  const listener = listenTo(supervise, "web", () => told.resolve());
  expect(readdirSync(join(supervise, "waiters"))).toEqual([`web.${process.pid}`]);
  wakeWaiters(supervise);
  await told.promise;
  listener?.close();
  expect(readdirSync(join(supervise, "waiters"))).toEqual([]);
  expect(openBelow(supervise)).toBe(0);
});

test("a FIFO that cannot be given its name is neither left open nor left there", () => {
  const supervise = join(root, "taken");
  const name = `web.${process.pid}`;
  mkdirSync(join(supervise, "waiters", name), { recursive: true });
  expect(listenTo(supervise, "web", () => {})).toBeNull();
  expect(openBelow(supervise)).toBe(0);
  expect(readdirSync(join(supervise, "waiters"))).toEqual([name]);
});

test("what one that was killed has begun is removed, and that of one that lives is not", () => {
  const supervise = join(root, "begun");
  const waiters = join(supervise, "waiters");
  mkdirSync(waiters, { recursive: true });
  const { pid: gone } = spawnSync("true");
  const living = `.new-web.${process.pid}`;
  for (const name of [`.new-web.${gone}`, living]) writeFileSync(join(waiters, name), "");
  wakeWaiters(supervise);
  expect(readdirSync(waiters)).toEqual([living]);
});
