import { errno, SystemError } from "@upkeep/linux/core/errno";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createOutlet, type Outlet } from "../../src/directory/outlet.ts";
import type { Parcel } from "../../src/directory/queue.ts";

/** A step is done by calling it; it may return steps to come before anything else. */
type Step = () => readonly Step[];

/** Somewhere to write to that takes as much as the numbers say, one after the other; 0 means it is full. */
function createSink(taken: readonly number[]): { readonly text: () => string; readonly put: (parcel: Parcel) => void } {
  const left = [...taken];
  let text = "";
  return {
    text: () => text,
    put: (parcel) => {
      const count = Math.min(left.shift() ?? Infinity, parcel.to - parcel.at);
      if (count === 0) throw new SystemError("write", errno.EAGAIN);
      text += parcel.bytes.toString("latin1", parcel.at, parcel.at + count);
      parcel.at += count;
    },
  };
}

function drained(put: (parcel: Parcel) => void): {
  readonly outlet: Outlet<Step>;
  readonly whenDrained: () => Promise<void>;
} {
  const { promise, resolve } = Promise.withResolvers<void>();
  const outlet = createOutlet<Step>({ say: () => {}, onDone: resolve });
  outlet.leadTo({
    put: (parcel) => {
      put(parcel);
      return [];
    },
    perform: (step) => step(),
  });
  return { outlet, whenDrained: () => (outlet.isPausing() ? promise : Promise.resolve()) };
}

describe("createOutlet", () => {
  test("writes everything once and in order, whatever is taken at a time", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "binary-ascii", maxLength: 20 }), { maxLength: 20 }),
        fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 12 }),
        async (pieces, taken) => {
          const sink = createSink(taken);
          const { outlet, whenDrained } = drained(sink.put);
          const shared = Buffer.alloc(32);
          for (const piece of pieces) {
            shared.write(piece, 2, "latin1");
            outlet.write(shared, 2, 2 + piece.length);
            shared.fill("#");
          }
          await whenDrained();
          expect(sink.text()).toBe(pieces.join(""));
          expect(outlet.backlog()).toBe(0);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("tells how much waits, and what a last try could not write", () => {
    const sink = createSink([2, 0, 1, 0]);
    const { outlet } = drained(sink.put);
    outlet.write(Buffer.from("abcdef"), 0, 6);
    expect(outlet.backlog()).toBe(4);
    expect(outlet.settle()).toMatchObject({ error: { errno: errno.EAGAIN }, bytes: 3 });
    expect(outlet.backlog()).toBe(0);
    expect(sink.text()).toBe("abc");
  });

  test("a step that fails is done again before anything else", async () => {
    const done: string[] = [];
    const sink = createSink([]);
    const { outlet, whenDrained } = drained(sink.put);
    let failures = 2;
    const tell = (what: string) => (): readonly Step[] => {
      done.push(what);
      return [];
    };
    outlet.follow([
      () => {
        if (failures-- > 0) throw new SystemError("open", errno.EAGAIN);
        return [tell("first")];
      },
      tell("second"),
    ]);
    outlet.write(Buffer.from("text"), 0, 4);
    expect(done).toEqual([]);
    await whenDrained();
    expect(done).toEqual(["first", "second"]);
    expect(sink.text()).toBe("text");
  });
});
