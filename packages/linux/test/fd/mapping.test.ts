import { closeSync, constants, openSync, readFileSync, readSync, writeFileSync, writeSync } from "node:fs";

import { setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { errno, errnoOf } from "@upkeep/linux/core/errno";
import { mapShared } from "@upkeep/linux/fd/mapping";
import { createPipe } from "@upkeep/linux/fd/pipe";
import { readAvailable } from "@upkeep/linux/fd/readable";
import { expect, test } from "vitest";

import { tempDirectory } from "../helpers/temp.ts";

const size = 64 * 1024;

test("what is stored in a mapping is in the file, and in other mappings of it", () => {
  using temp = tempDirectory();
  writeFileSync(temp.path("file"), Buffer.alloc(size));
  const fd = openSync(temp.path("file"), constants.O_RDWR);
  const [first, second] = [mapShared(fd, size), mapShared(fd, size)];
  closeSync(fd);
  Buffer.from(first.memory).write("hello", 100, "latin1");
  new Float64Array(first.memory)[1] = 0.5;
  expect(Buffer.from(second.memory).toString("latin1", 100, 105)).toBe("hello");
  expect(readFileSync(temp.path("file")).toString("latin1", 100, 105)).toBe("hello");
  expect(readFileSync(temp.path("file")).readDoubleLE(8)).toBe(0.5);
  first.unmap();
  second.unmap();
});

test("a mapping can be read into and written from", () => {
  using temp = tempDirectory();
  writeFileSync(temp.path("file"), Buffer.alloc(size));
  const fd = openSync(temp.path("file"), constants.O_RDWR);
  const { memory, unmap } = mapShared(fd, size);
  const bytes = Buffer.from(memory);
  const { read, write } = createPipe();
  setNonBlocking(read, true);
  writeSync(write, "from a pipe");
  expect(readAvailable(read, bytes.subarray(1000, 2000))).toBe(11);
  writeSync(write, bytes, 1005, 6);
  const back = Buffer.alloc(20);
  expect(back.toString("latin1", 0, readSync(read, back))).toBe("a pipe");
  for (const open of [read, write, fd]) closeSync(open);
  unmap();
});

test("what cannot be mapped is an error", () => {
  const fd = openSync("/dev/null", constants.O_WRONLY);
  let failure = 0;
  try {
    mapShared(fd, size);
  } catch (error) {
    failure = errnoOf(error);
  }
  closeSync(fd);
  expect([errno.EACCES, errno.ENODEV]).toContain(failure);
});
