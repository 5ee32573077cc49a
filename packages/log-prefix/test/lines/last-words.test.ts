import * as fc from "fast-check";
import { expect, test } from "vitest";

import { createLastWords } from "../../src/lines/last-words.ts";

const text = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString("latin1");

test("the last 50 lines are kept, and nothing of an earlier start", () => {
  const words = createLastWords();
  expect(words.take()).toBeNull();
  words.add(Buffer.from("of an earlier start\n"));
  words.forget();
  expect(words.take()).toBeNull();
  for (let line = 0; line < 60; line++) words.add(Buffer.from(`line ${line}\n`));
  words.add(Buffer.from("no end"));
  const lines = text(words.take())?.split("\n");
  expect([lines?.length, lines?.[0], lines?.at(-1)]).toEqual([50, "line 11", "no end"]);
});

test("8 KiB are kept at most, from the beginning of a line on", () => {
  const words = createLastWords();
  for (let line = 0; line < 40; line++) words.add(Buffer.from(`${String(line).padStart(999, "-")}\n`));
  const kept = text(words.take()) ?? "";
  expect(kept.split("\n").map((line) => line.length)).toEqual([...Array.from({ length: 8 }, () => 999), 0]);
  words.forget();
  words.add(Buffer.alloc(100_000, "x"));
  expect(text(words.take())).toBe("x".repeat(8192));
});

test("however the bytes come, the same is kept", () => {
  const piece = fc.oneof(fc.string({ maxLength: 40 }), fc.constant("\n"), fc.constant(`${"y".repeat(5000)}\n`));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 100 }), (pieces) => {
      const apart = createLastWords();
      for (const one of pieces) apart.add(Buffer.from(one, "latin1"));
      const together = createLastWords();
      together.add(Buffer.from(pieces.join(""), "latin1"));
      expect(text(apart.take())).toBe(text(together.take()));
      expect(apart.take()?.length ?? 0).toBeLessThanOrEqual(8192);
    }),
  );
});
