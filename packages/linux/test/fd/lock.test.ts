import { closeSync, openSync, symlinkSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { findLockHolders, isLockHolder, tryLock } from "../../src/fd/lock.ts";
import { tempDirectory } from "../helpers/temp.ts";

describe("the holder of a lock", () => {
  test("is found by the kernel's list, and not through a link", () => {
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

  test("counts for flock(2) locks that are held, not for others and not for those who wait", () => {
    const text = [
      "1: FLOCK  ADVISORY  WRITE 7932 00:1b:503534 0 EOF",
      "1: -> FLOCK  ADVISORY  WRITE 11 00:1b:503534 0 EOF",
      "2: POSIX  ADVISORY  WRITE 12 00:1b:503534 0 EOF",
      "3: FLOCK  ADVISORY  READ 13 fe:01:503534 0 EOF",
      "4: FLOCK  ADVISORY  WRITE 14 00:1b:5035340 0 EOF",
      "",
    ].join("\n");
    expect(findLockHolders(text, 503_534n)).toEqual([7932, 13]);
  });
});
