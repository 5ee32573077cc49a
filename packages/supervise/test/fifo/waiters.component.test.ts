import { spawnSync } from "node:child_process";
import {
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createPipe } from "@upkeep/linux/fd/pipe";
import { pathOfName } from "@upkeep/linux/core/name-text";
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

test("a listener whose FIFO cannot be made costs no descriptor", () => {
  const supervise = join(root, "unheard");
  mkdirSync(supervise);
  // The name is too long for a file, so making it fails behind the opening of the directory.
  expect(listenTo(supervise, "x".repeat(255), () => {})).toBeNull();
  expect(openBelow(supervise)).toBe(0);
});

test("a listener to and of a name that is not UTF-8 hears of a change", async () => {
  const supervise = join(root, "caf\udce9");
  const bytes = pathOfName(supervise);
  mkdirSync(bytes);
  const told = Promise.withResolvers<void>();
  const listener = listenTo(supervise, "web\udce9", () => told.resolve());
  expect(listener?.isAlive()).toBe(true);
  // It is found by another name as well.
  symlinkSync(bytes, join(root, "coffee"));
  wakeWaiters(join(root, "coffee"));
  await told.promise;
  listener?.close();
  expect(readdirSync(join(root, "coffee", "waiters"))).toEqual([]);
});

test("a listener may be closed by what it calls", async () => {
  const supervise = join(root, "closing");
  mkdirSync(supervise);
  const told = Promise.withResolvers<void>();
  let calls = 0;
  const listener = listenTo(supervise, "web", () => {
    calls++;
    listener?.close();
    told.resolve();
  });
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  process.on("uncaughtException", onError);
  wakeWaiters(supervise);
  await told.promise;
  // Another descriptor takes the number, and has something to read.
  const { read, write } = createPipe();
  writeSync(write, "x");
  await new Promise((resolve) => setTimeout(resolve, 50));
  process.off("uncaughtException", onError);
  expect([calls, errors]).toEqual([1, []]);
  for (const fd of [read, write]) closeSync(fd);
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
