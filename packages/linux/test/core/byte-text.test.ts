import * as fc from "fast-check";
import { expect, test } from "vitest";

import { bytesOf, textOf } from "../../src/core/byte-text.ts";

test("bytes survive as text", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect([...bytesOf(textOf(bytes))]).toEqual([...bytes]);
    }),
  );
  expect(textOf(Uint8Array.of(1, 0x80, 0xff).subarray(1))).toBe("\x80\xff");
});
