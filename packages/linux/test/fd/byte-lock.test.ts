import { closeSync, constants, openSync, statSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { errno } from "../../src/core/errno.ts";
import { createByteLock } from "../../src/fd/byte-lock.ts";
import { tempDirectory } from "../helpers/temp.ts";

const offsets = [0n, 1n, 2n ** 32n + 5n, 2n ** 62n, 2n ** 63n - 1n];

describe("the lock on a byte", () => {
  test("is had by one open file at a time, wherever the byte is, and makes the file no longer", () => {
    using directory = tempDirectory();
    const path = directory.path("locks");
    const [one, other] = [openSync(path, "w"), openSync(path, "r+")];
    for (const offset of offsets) {
      const [ours, theirs] = [createByteLock(one, offset), createByteLock(other, offset)];
      expect([ours.tryLock(), ours.tryLock(), theirs.tryLock()]).toEqual([true, true, false]);
      ours.unlock();
      expect([theirs.tryLock(), ours.tryLock()]).toEqual([true, false]);
      theirs.unlock();
    }
    expect(statSync(path).size).toBe(0);
    for (const fd of [one, other]) closeSync(fd);
  });

  test("leaves the bytes beside it to others, and ends with the open file", () => {
    using directory = tempDirectory();
    const path = directory.path("locks");
    const [one, other] = [openSync(path, "w"), openSync(path, "r+")];
    expect(createByteLock(one, 7n).tryLock()).toBe(true);
    expect([6n, 7n, 8n].map((offset) => createByteLock(other, offset).tryLock())).toEqual([true, false, true]);
    // Unlike a POSIX lock, it outlives the closing of another descriptor of the same process.
    closeSync(openSync(path, "r"));
    expect(createByteLock(other, 7n).tryLock()).toBe(false);
    closeSync(one);
    expect(createByteLock(other, 7n).tryLock()).toBe(true);
    closeSync(other);
  });

  test("is not had through a descriptor that is closed, or only for reading", () => {
    using directory = tempDirectory();
    const path = directory.path("locks");
    closeSync(openSync(path, "w"));
    const fd = openSync(path, constants.O_RDONLY);
    const lock = createByteLock(fd, 0n);
    expect(() => lock.tryLock()).toThrow(expect.objectContaining({ errno: errno.EBADF }));
    closeSync(fd);
    expect(() => lock.unlock()).toThrow(expect.objectContaining({ errno: errno.EBADF }));
  });
});
