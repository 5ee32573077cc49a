import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createOverflow, type Overflow } from "../../src/directory/overflow.ts";

/** An outlet in a pause, which keeps what it gets. */
class World {
  readonly overflow: Overflow;
  text = "";
  isPausing = true;

  constructor(most: number | null) {
    this.overflow = createOverflow({
      write: (bytes, from, to) => {
        this.text += bytes.toString("latin1", from, to);
      },
      backlog: () => (this.isPausing ? this.text.length : 0),
      isPausing: () => this.isPausing,
    });
    this.overflow.limit(most);
  }

  write(...pieces: readonly string[]): this {
    for (const piece of pieces) this.overflow.write(Buffer.from(`##${piece}##`, "latin1"), 2, 2 + piece.length);
    return this;
  }
}

describe("the overflow", () => {
  test("loses nothing without a limit, and nothing while there is room", () => {
    expect(new World(null).write("one\n", "two\n").text).toBe("one\ntwo\n");
    const world = new World(8).write("one\n", "two\n");
    expect([world.text, world.overflow.lost()]).toEqual(["one\ntwo\n", 0]);
  });

  test("loses whole lines, and counts them", () => {
    const world = new World(6).write("one\n", "two\nthree\n", "x\n");
    expect([world.text, world.overflow.lost()]).toEqual(["one\nx\n", 2]);
    world.overflow.forget();
    expect(world.overflow.lost()).toBe(0);
  });

  test("loses the rest of a line whose start is lost, even if there is room again", () => {
    const world = new World(4).write("one\n", "two", " goes");
    world.isPausing = false;
    world.write(" on\nthree\n");
    expect([world.text, world.overflow.lost()]).toEqual(["one\nthree\n", 1]);
  });

  test("ends a line that is cut off", () => {
    const world = new World(4).write("one ", "and more", "\ntwo\n");
    world.isPausing = false;
    world.write("three\n");
    expect([world.text, world.overflow.lost()]).toEqual(["one \nthree\n", 2]);
  });

  test("keeps or loses each line, in order, wherever it is divided", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom("x", "\n"), minLength: 1, maxLength: 9 }), { maxLength: 20 }),
        fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
        fc.nat(20),
        (pieces, pauses, most) => {
          const numbered = numberLines(pieces);
          const world = new World(most);
          for (const [index, piece] of numbered.entries()) {
            world.isPausing = pauses[index] ?? false;
            world.write(piece);
          }
          const all = numbered.join("").split("\n");
          const kept = world.text.split("\n");
          // Each kept line is one of those that came, or its start, and they are in order.
          let at = 0;
          for (const line of kept.slice(0, -1)) {
            at = all.findIndex((whole, index) => index >= at && whole.startsWith(line)) + 1;
            expect(at).toBeGreaterThan(0);
          }
        },
      ),
    );
  });
});

/** Makes all lines different: each `x` becomes a character that tells the line. */
function numberLines(pieces: readonly string[]): readonly string[] {
  let number = 0;
  return pieces.map((piece) =>
    piece.replaceAll(/[x\n]/g, (one) => {
      if (one === "x") return String.fromCharCode(0x80 + (number % 100));
      number++;
      return one;
    }),
  );
}
