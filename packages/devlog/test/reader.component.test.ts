import { writeSync } from "node:fs";

import { setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { createPipe } from "@upkeep/linux/fd/pipe";
import { readAvailable } from "@upkeep/linux/fd/readable";
import { expect, test } from "vitest";

import { createReader } from "../src/reader.ts";

const alwaysRoom = { hasRoom: () => true, watchRoom: () => ({ wait: () => {}, cancel: () => {} }) };

test("what goes on arriving does not hold up the end", () => {
  const { read, write } = createPipe();
  setNonBlocking(read, true);
  let count = 0;
  const reader = createReader(
    read,
    {
      ...alwaysRoom,
      write: () => {
        count++;
        // Far more than any socket holds, and still not without end: a failure must not hang the test.
        if (count < 100_000) writeSync(write, "more");
      },
    },
    (message) => expect.unreachable(message),
  );
  writeSync(write, "first");
  reader.drain();
  expect(count).toBe(4096);
});

test("nothing is read before there is room for it", () => {
  const { read, write } = createPipe();
  setNonBlocking(read, true);
  const lines: string[] = [];
  let isFull = true;
  let onRoom = (): void => {};
  let waits = 0;
  const reader = createReader(
    read,
    {
      hasRoom: () => !isFull,
      write: (line) => {
        lines.push(Buffer.from(line).toString());
        isFull = true;
      },
      watchRoom: (callback) => {
        onRoom = callback;
        return { wait: () => void waits++, cancel: () => void waits-- };
      },
    },
    (message) => expect.unreachable(message),
  );
  writeSync(write, "one");
  reader.read();
  expect([lines.length, waits]).toEqual([0, 1]);
  expect(readAvailable(read, new Uint8Array(3))).toBe(3);
  writeSync(write, "two");
  isFull = false;
  onRoom();
  expect([lines, waits]).toEqual([["user.notice: two\n"], 2]);
});
