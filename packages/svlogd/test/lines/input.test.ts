import { setImmediate } from "node:timers/promises";

import * as fc from "fast-check";
import { expect, test } from "vitest";

import { createInput } from "../../src/lines/input.ts";
import { createSplitter } from "../../src/lines/splitter.ts";

/** A pipe that holds so many lines, each of which is one read. One more line comes just before the first wait. */
function scriptedPipe(lines: number) {
  let left = lines;
  let isLate = true;
  return {
    read: (bytes: Uint8Array) => {
      if (left === 0) return -1;
      left--;
      bytes.set([97, 10]);
      return 2;
    },
    watch: () => ({
      wait: () => {
        if (isLate) left++;
        isLate = false;
      },
      cancel: () => {},
    }),
  };
}

test("what arrives just before the wait for more begins is read, however many reads there were before", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 40 }), async (lines) => {
      let count = 0;
      const splitter = createSplitter(
        { lines: () => count++, longLine: () => {}, more: () => {} },
        { lineLength: 100, table: null, chunk: 100 },
      );
      const input = createInput(scriptedPipe(lines), {
        splitter,
        isBlocked: () => false,
        onBatch: () => {},
        onEnd: () => {},
        warn: () => {},
      });
      input.read();
      // Reading goes on in turns, of which fewer are needed.
      for (let turn = 0; turn <= lines; turn++) await setImmediate();
      expect(count).toBe(lines + 1);
    }),
  );
});
