import { writeSync } from "node:fs";

import { setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { createPipe } from "@upkeep/linux/fd/pipe";
import { expect, test } from "vitest";

import { createReader } from "../src/reader.ts";

test("what goes on arriving does not hold up the end", () => {
  const { read, write } = createPipe();
  setNonBlocking(read, true);
  let count = 0;
  const reader = createReader(
    read,
    () => {
      count++;
      // Far more than any socket holds, and still not without end: a failure must not hang the test.
      if (count < 100_000) writeSync(write, "more");
    },
    (message) => expect.unreachable(message),
  );
  writeSync(write, "first");
  reader.drain();
  expect(count).toBe(4096);
});
