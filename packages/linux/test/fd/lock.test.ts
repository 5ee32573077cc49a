import { closeSync, openSync, readlinkSync, symlinkSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { spawn } from "../../src/exec/spawn.ts";
import { findLockHolders, isLockHolder, lockHoldersOf, tryLock } from "../../src/fd/lock.ts";
import { sendSignal } from "../../src/signal/signal.ts";
import { tempDirectory } from "../helpers/temp.ts";

describe("the holder of a lock", () => {
  test("is found by its descriptors, and not through a link", () => {
    using directory = tempDirectory();
    const [file, link] = [directory.path("lock"), directory.path("link")];
    const fd = openSync(file, "w");
    symlinkSync(file, link);
    expect(isLockHolder(process.pid, file)).toBe(false);
    expect(tryLock(fd)).toBe(true);
    expect(isLockHolder(process.pid, file)).toBe(true);
    expect(isLockHolder(process.pid, link)).toBe(false);
    expect(isLockHolder(1, file)).toBe(false);
    expect(isLockHolder(process.pid, directory.path("none"))).toBe(false);
    closeSync(fd);
    expect(isLockHolder(process.pid, file)).toBe(false);
  });

  test("is found in the list of all locks", () => {
    using directory = tempDirectory();
    const file = directory.path("lock");
    const fd = openSync(file, "w");
    expect(lockHoldersOf(file)).toEqual([]);
    tryLock(fd);
    expect(lockHoldersOf(file)).toEqual([process.pid]);
    closeSync(fd);
    expect(lockHoldersOf(`${file}-missing`)).toEqual([]);
  });

  test("is not who has inherited the descriptor", () => {
    using directory = tempDirectory();
    const file = directory.path("lock");
    const fd = openSync(file, "w");
    tryLock(fd);
    const request = { path: "/bin/sleep", argv: ["sleep", "1000"], environment: [], newSession: false };
    const heir = spawn({ ...request, stdio: [0, fd, 2] });
    const pid = heir.ok ? heir.pid : 0;
    expect(readlinkSync(`/proc/${pid}/fd/1`)).toBe(file);
    expect(isLockHolder(pid, file)).toBe(false);
    expect(isLockHolder(process.pid, file)).toBe(true);
    sendSignal(pid, "SIGKILL");
    closeSync(fd);
  });

  test("counts for flock(2) locks that are held, not for others and not for those who wait", () => {
    const text = [
      "pos:\t0",
      "ino:\t503534",
      "lock:\t1: FLOCK  ADVISORY  WRITE 7932 00:1b:503534 0 EOF",
      "lock:\t1: -> FLOCK  ADVISORY  WRITE 11 00:1b:503534 0 EOF",
      "lock:\t2: POSIX  ADVISORY  WRITE 12 00:1b:503534 0 EOF",
      "lock:\t3: FLOCK  ADVISORY  READ 13 fe:01:503534 0 EOF",
      "lock:\t4: FLOCK  ADVISORY  WRITE 14 00:1b:5035340 0 EOF",
      "",
    ].join("\n");
    expect(findLockHolders(text, 503_534n)).toEqual([7932, 13]);
  });
});
