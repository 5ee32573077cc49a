import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createSplitter } from "../../src/lines/splitter.ts";

/** Lines as they were handed over, long ones put together. */
interface Seen {
  readonly text: string;
  readonly since: number;
}

/** Splits reads. The time of a read is its number. */
function split(reads: readonly Uint8Array[], lineLength: number, chunk: number): readonly Seen[] {
  const seen: Seen[] = [];
  let long: { text: string; since: number } | null = null;
  const splitter = createSplitter(
    {
      lines: (bytes, from, to, { first, rest }) => {
        expect(bytes[to - 1]).toBe(10);
        for (let at = from; at < to;) {
          const end = bytes.indexOf(10, at) + 1;
          seen.push({ text: bytes.toString("latin1", at, end), since: (at === from ? first : rest).seconds });
          at = end;
        }
      },
      longLine: (bytes, from, to, time) => {
        expect(to - from).toBeGreaterThanOrEqual(lineLength);
        long = { text: bytes.toString("latin1", from, to), since: time.seconds };
      },
      more: (bytes, from, to, isEnd) => {
        if (long === null) throw new Error("more of nothing");
        long.text += bytes.toString("latin1", from, to);
        if (!isEnd) return;
        seen.push(long);
        long = null;
      },
    },
    { lineLength, table: null, chunk },
  );
  for (const [number, read] of reads.entries()) {
    for (let at = 0; at < read.length;) {
      const space = splitter.space();
      const part = read.subarray(at, at + space.length);
      space.set(part);
      splitter.received(part.length, { seconds: number, nanoseconds: 0 });
      at += part.length;
    }
  }
  splitter.end();
  return seen;
}

/** What should come out: each line with its newline. The last one gets one. */
function model(reads: readonly Uint8Array[]): readonly Seen[] {
  const seen: { text: string; since: number }[] = [];
  let isOpen = false;
  for (const [number, read] of reads.entries()) {
    for (const byte of read) {
      if (!isOpen) seen.push({ text: "", since: number });
      const line = seen.at(-1);
      if (line !== undefined) line.text += String.fromCharCode(byte);
      isOpen = byte !== 10;
    }
  }
  const last = seen.at(-1);
  if (isOpen && last !== undefined) last.text += "\n";
  return seen;
}

describe("createSplitter", () => {
  const byte = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(10, 13, 0x61) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
  );
  const read = fc.array(byte, { minLength: 1, maxLength: 40 }).map((values) => Uint8Array.from(values));

  test("hands over every byte, and each line with the time of its first byte", () => {
    fc.assert(
      fc.property(fc.array(read, { maxLength: 12 }), fc.integer({ min: 1, max: 30 }), (reads, lineLength) => {
        expect(split(reads, lineLength, 64)).toEqual(model(reads));
      }),
      { numRuns: 500 },
    );
  });

  test("reads of any size make no difference to the lines", () => {
    const texts = (seen: readonly Seen[]): readonly string[] => seen.map(({ text }) => text);
    fc.assert(
      fc.property(
        fc.array(read, { maxLength: 8 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 9 }),
        (reads, lineLength, chunk) => {
          expect(texts(split(reads, lineLength, chunk))).toEqual(texts(model(reads)));
        },
      ),
      { numRuns: 500 },
    );
  });

  test("keeps a last line that has no newline", () => {
    expect(split([Buffer.from("a\nb")], 10, 64)).toEqual([
      { text: "a\n", since: 0 },
      { text: "b\n", since: 0 },
    ]);
  });
});
