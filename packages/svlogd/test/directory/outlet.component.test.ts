import { errno, SystemError } from "@upkeep/linux/core/errno";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createOutlet, type Outlet, type Parcel } from "../../src/directory/outlet.ts";

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

  test("what comes after a piece that was written whole, before a step that fails, is not mixed with it", () => {
    const sink = createSink([]);
    const outlet = createOutlet<Step>({ say: () => {}, onDone: () => {} });
    let isFailing = true;
    const rotate = (): readonly Step[] => {
      if (isFailing) throw new SystemError("rotate", errno.EIO);
      return [];
    };
    outlet.leadTo({
      put: (parcel) => {
        sink.put(parcel);
        return [rotate];
      },
      perform: (step) => step(),
    });
    const shared = Buffer.alloc(16);
    for (const text of ["first", "second", "third"]) {
      shared.write(text, "latin1");
      outlet.write(shared, 0, text.length);
      shared.fill("#");
    }
    isFailing = false;
    outlet.retry();
    expect(outlet.isPausing()).toBe(false);
    expect(sink.text()).toBe("firstsecondthird");
  });
});

describe("an outlet whose writes fail", () => {
  /** Leads to somewhere that fails with an error as long as there is one. */
  function failing(): {
    readonly outlet: Outlet<string>;
    readonly said: readonly string[];
    readonly log: readonly string[];
    failWith(error: number | null): void;
  } {
    const said: string[] = [];
    const log: string[] = [];
    let error: number | null = null;
    const outlet = createOutlet<string>({
      say: (message) => said.push(message),
      onRetry: () => log.push("retry"),
      onDone: () => log.push("done"),
    });
    outlet.leadTo({
      put: (parcel) => {
        if (error !== null) throw new SystemError("write", error);
        log.push(parcel.bytes.toString("latin1", parcel.at, parcel.to));
        parcel.at = parcel.to;
        return [];
      },
      perform: (step) => {
        if (error !== null) throw new SystemError(step, error);
        log.push(step);
        return [];
      },
    });
    const failWith = (number: number | null): void => {
      error = number;
    };
    return { outlet, said, log, failWith };
  }
  const write = (outlet: Outlet<string>, text: string): void => outlet.write(Buffer.from(text), 0, text.length);

  test.each([
    ["ENOSPC", errno.ENOSPC, "unable to write: out of disk space"],
    ["EIO", errno.EIO, "unable to write: input/output error"],
  ])("tells of %s at each try, keeps all, and goes on in order when that is over", async (_, error, message) => {
    const { outlet, said, log, failWith } = failing();
    failWith(error);
    write(outlet, "one ");
    outlet.follow(["step"]);
    write(outlet, "two");
    outlet.retry();
    expect(said).toEqual([message, message]);
    expect([outlet.isPausing(), outlet.backlog()]).toEqual([true, 7]);
    const waits = outlet.drained(false);
    failWith(null);
    outlet.retry();
    await waits;
    expect(log).toEqual(["retry", "retry", "one ", "step", "two", "done"]);
    expect([outlet.isPausing(), outlet.backlog()]).toEqual([false, 0]);
    write(outlet, "three");
    expect(log.at(-1)).toBe("three");
  });

  test("gives what waits to where it leads next, behind the steps that replace those not done", () => {
    const { outlet, log, failWith } = failing();
    failWith(errno.EIO);
    outlet.follow(["rename", "create"]);
    write(outlet, "text");
    const next: string[] = [];
    outlet.leadTo(
      {
        put: (parcel) => {
          next.push(parcel.bytes.toString("latin1", parcel.at, parcel.to));
          parcel.at = parcel.to;
          return [];
        },
        perform: (step) => {
          next.push(step);
          return [];
        },
      },
      ["open"],
    );
    outlet.retry();
    expect(next).toEqual(["open", "text"]);
    expect(log).toEqual(["retry", "done"]);
  });

  test("is waited for until somebody is in a hurry", async () => {
    const { outlet, failWith } = failing();
    failWith(errno.EIO);
    write(outlet, "text");
    const waits = outlet.drained(false);
    await outlet.drained(true);
    await waits;
    expect(outlet.settle()).toMatchObject({ error: { errno: errno.EIO }, bytes: 4 });
    await outlet.drained(false);
  });
});
