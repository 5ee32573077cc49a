import { spawnSync } from "node:child_process";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makeFifo } from "@upkeep/linux/fd/fifo";
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
  expect(readdirSync(join(supervise, "waiters"))).toEqual([
    expect.stringMatching(new RegExp(`^web\\.${process.pid}\\.[\\da-f-]+$`)),
  ]);
  wakeWaiters(supervise);
  await told.promise;
  listener?.close();
  expect(readdirSync(join(supervise, "waiters"))).toEqual([]);
  expect(openBelow(supervise)).toBe(0);
});

test("nothing is left open where no FIFO can be made", () => {
  const supervise = join(root, "taken");
  mkdirSync(supervise);
  writeFileSync(join(supervise, "waiters"), "");
  expect(listenTo(supervise, "web", () => {})).toBeNull();
  expect(openBelow(supervise)).toBe(0);
});

test("nobody follows a link: neither one in the place of the directory, nor one in the place of a FIFO", () => {
  const supervise = join(root, "linked");
  const elsewhere = join(root, "elsewhere");
  for (const directory of [supervise, elsewhere]) mkdirSync(directory);
  makeFifo(join(elsewhere, "web.1.dead"), 0o600);
  symlinkSync(elsewhere, join(supervise, "waiters"));
  expect(listenTo(supervise, "web", () => {})).toBeNull();
  // A FIFO without a reader would be removed as that of a dead waiter.
  wakeWaiters(supervise);
  expect(readdirSync(elsewhere)).toEqual(["web.1.dead"]);
  rmSync(join(supervise, "waiters"));
  mkdirSync(join(supervise, "waiters"));
  const secret = join(root, "secret");
  writeFileSync(secret, "secret");
  symlinkSync(secret, join(supervise, "waiters/web.2.link"));
  linkSync(secret, join(supervise, "waiters/web.3.name"));
  wakeWaiters(supervise);
  expect(readFileSync(secret, "utf8")).toBe("secret");
});

test("what one that was killed has begun is removed, and that of one that lives is not", () => {
  const supervise = join(root, "begun");
  const waiters = join(supervise, "waiters");
  mkdirSync(waiters, { recursive: true });
  const { pid: gone } = spawnSync("true");
  const living = `.new-web.${process.pid}.0a`;
  for (const name of [`.new-web.${gone}.0a`, living]) writeFileSync(join(waiters, name), "");
  wakeWaiters(supervise);
  expect(readdirSync(waiters)).toEqual([living]);
});
