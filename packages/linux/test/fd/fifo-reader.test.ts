import { closeSync, writeSync } from "node:fs";

import { expect, test } from "vitest";

import { setNonBlocking } from "../../src/fd/descriptor.ts";
import { readFifo } from "../../src/fd/fifo-reader.ts";
import { createPipe } from "../../src/fd/pipe.ts";

test("what is written without end is read in small parts, and others have their turns in between", async () => {
  const { read, write } = createPipe();
  setNonBlocking(read, true);
  setNonBlocking(write, true);
  const flood = Buffer.alloc(4096, "x");
  const parts: number[] = [];
  const most = 100_000;
  let turns = 0;
  writeSync(write, flood);
  await new Promise<void>((resolve, reject) => {
    const reader = readFifo(read, {
      onBytes: ({ length }) => {
        parts.push(length);
        // There is always more, but not for ever: a reader that never yields would hang the test.
        if (parts.length < most) writeSync(write, flood.subarray(0, length));
      },
      onError: reject,
    });
    const turn = (): void => {
      turns++;
      if (turns < 3) setTimeout(turn, 0);
      else resolve(reader.close());
    };
    setTimeout(turn, 0);
  });
  expect(Math.max(...parts)).toBeLessThanOrEqual(64);
  // A reader that never yields would have taken all of them before the first turn.
  expect(parts.length).toBeLessThan(most);
  closeSync(write);
});

test("what is there already can be taken at once, as much as one write brings, and the rest has its turns", async () => {
  const { read, write } = createPipe();
  setNonBlocking(read, true);
  writeSync(write, Buffer.alloc(5000, "x"));
  let taken = 0;
  const { promise: all, resolve, reject } = Promise.withResolvers<void>();
  const reader = readFifo(read, {
    onBytes: ({ length }) => {
      taken += length;
      if (taken === 5000) resolve();
    },
    onError: reject,
  });
  reader.takeNow();
  expect(taken).toBe(4096);
  await all;
  reader.takeNow();
  expect(taken).toBe(5000);
  reader.close();
  reader.takeNow();
  closeSync(write);
});
