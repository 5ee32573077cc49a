import { closeSync, constants, fstatSync, mkdirSync, openSync, readSync, statSync, writeSync } from "node:fs";

import { isCloseOnExec, setCloseOnExec, setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { errno, errnoOf } from "@upkeep/linux/core/errno";
import { makeFifo } from "@upkeep/linux/fd/fifo";
import { readFifo } from "@upkeep/linux/fd/fifo-reader";
import { tryLock, unlock } from "@upkeep/linux/fd/lock";
import { createPipe } from "@upkeep/linux/fd/pipe";
import { describe, expect, test } from "vitest";

import { tempDirectory } from "../helpers/temp.ts";
import { until } from "../helpers/until.ts";

const { O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;

/** The errno of what `call` throws; 0 when it throws nothing. */
function failure(call: () => unknown): number {
  try {
    call();
    return 0;
  } catch (error) {
    return errnoOf(error);
  }
}

describe("descriptors", () => {
  test("a pipe carries bytes, and both ends are close-on-exec from birth", () => {
    const { read, write } = createPipe();
    expect([isCloseOnExec(read), isCloseOnExec(write)]).toEqual([true, true]);
    writeSync(write, "hello");
    const bytes = Buffer.alloc(16);
    expect(bytes.toString("utf8", 0, readSync(read, bytes))).toBe("hello");
    closeSync(write);
    expect(readSync(read, bytes)).toBe(0);
    closeSync(read);
  });

  test("what node:fs opens is close-on-exec, and the flag can be changed", () => {
    const fd = openSync("/dev/null", "r");
    expect(isCloseOnExec(fd)).toBe(true);
    setCloseOnExec(fd, false);
    expect(isCloseOnExec(fd)).toBe(false);
    closeSync(fd);
    expect(failure(() => isCloseOnExec(fd))).toBe(errno.EBADF);
  });

  test("a non-blocking pipe that is empty says so instead of waiting", () => {
    const { read, write } = createPipe();
    setNonBlocking(read, true);
    expect(failure(() => readSync(read, Buffer.alloc(1)))).toBe(errno.EAGAIN);
    setNonBlocking(read, false);
    writeSync(write, "x");
    expect(readSync(read, Buffer.alloc(1))).toBe(1);
    closeSync(read);
    closeSync(write);
  });
});

describe("makeFifo", () => {
  test("makes a FIFO of the mode asked for, and says what is in the way", () => {
    using temp = tempDirectory();
    const path = temp.path("control");
    makeFifo(path, 0o600);
    expect(statSync(path).isFIFO()).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(failure(() => makeFifo(path, 0o600))).toBe(errno.EEXIST);
    expect(() => makeFifo(temp.path("no/control"), 0o600, "create x")).toThrow(
      "unable to create x: file does not exist",
    );
  });

  test("a name may hold blanks and UTF-8", () => {
    using temp = tempDirectory();
    mkdirSync(temp.path("größe 1"));
    makeFifo(temp.path("größe 1/ok"), 0o600);
    expect(statSync(temp.path("größe 1/ok")).isFIFO()).toBe(true);
  });
});

describe("readFifo", () => {
  test("hands over what each writer writes, and closes its descriptor at the end", async () => {
    using temp = tempDirectory();
    const path = temp.path("control");
    makeFifo(path, 0o600);
    const fd = openSync(path, O_RDWR | O_NONBLOCK);
    let seen = "";
    const reader = readFifo(fd, {
      onBytes: (bytes) => (seen += Buffer.from(bytes).toString("latin1")),
      onError: () => (seen += "error"),
    });
    for (let writer = 1; writer <= 200; writer++) {
      const end = openSync(path, O_WRONLY | O_NONBLOCK);
      writeSync(end, "tc");
      closeSync(end);
    }
    await until("all bytes", () => seen.length === 400);
    expect(seen).toBe("tc".repeat(200));
    reader.close();
    await until("nobody reads any more", () => failure(() => openSync(path, O_WRONLY | O_NONBLOCK)) === errno.ENXIO);
    expect(seen).toBe("tc".repeat(200));
  });
});

describe("locks", () => {
  test("one open file at a time holds the lock, until it is unlocked or closed", () => {
    using temp = tempDirectory();
    const first = openSync(temp.path("lock"), "w");
    const second = openSync(temp.path("lock"), "w");
    expect(tryLock(first)).toBe(true);
    expect(tryLock(second)).toBe(false);
    unlock(first);
    expect(tryLock(second)).toBe(true);
    closeSync(second);
    expect(tryLock(first)).toBe(true);
    closeSync(first);
    expect(failure(() => tryLock(first))).toBe(errno.EBADF);
  });

  test("an ok FIFO's reading end can be opened without a writer", () => {
    using temp = tempDirectory();
    makeFifo(temp.path("ok"), 0o600);
    const fd = openSync(temp.path("ok"), O_RDONLY | O_NONBLOCK);
    expect(fstatSync(fd).isFIFO()).toBe(true);
    closeSync(fd);
  });
});
