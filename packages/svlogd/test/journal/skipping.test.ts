import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createSkipping } from "../../src/journal/skipping.ts";

describe("createSkipping", () => {
  const pieces = fc.array(fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 }), { maxLength: 8 });

  /** What is let through of the pieces. */
  function passed(texts: readonly string[], done: number, tail: string): string {
    const { pass } = createSkipping(done, Buffer.from(tail));
    return texts
      .map((text) => {
        const bytes = Buffer.from(`#${text}#`);
        return bytes.toString("latin1", pass(1, bytes.length - 1, bytes), bytes.length - 1);
      })
      .join("");
  }

  test("passes what comes behind the first bytes, if they are those in the log", () => {
    fc.assert(
      fc.property(pieces, fc.nat(), fc.nat(), (texts, first, second) => {
        const all = texts.join("");
        const done = first % (all.length + 1);
        const tail = all.slice(second % (done + 1), done);
        expect(passed(texts, done, tail)).toBe(all.slice(done));
      }),
    );
  });

  test("passes nothing if they are not", () => {
    expect(passed(["ab", "ab", "ab"], 3, "bc")).toBe("");
    expect(passed(["ab", "ab", "ab"], 3, "ba")).toBe("bab");
  });
});
