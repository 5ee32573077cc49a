import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { decodeHolder, encodeHolder, isAlive, type Holder } from "../../src/core/holder.ts";

const own: Holder = { pid: 100, startTicks: 5000, bootId: "boot", pidNamespace: "pid:[1]" };
const other: Holder = { ...own, pid: 50, startTicks: 4000 };
const runs = (pid: number): number | null => (pid === 50 ? 4000 : null);

describe("isAlive", () => {
  test("the process with that pid and start time is the holder", () => {
    expect(isAlive(other, own, runs)).toBe(true);
  });

  test("a later process with the holder's pid is not the holder", () => {
    expect(isAlive({ ...other, startTicks: 3999 }, own, runs)).toBe(false);
  });

  test("a holder that is gone does not count", () => {
    expect(isAlive({ ...other, pid: 51 }, own, runs)).toBe(false);
  });

  test("a record from before the last boot does not count", () => {
    expect(isAlive({ ...other, bootId: "earlier" }, own, runs)).toBe(false);
  });

  test("a record from another container does not count", () => {
    expect(isAlive({ ...other, pidNamespace: "pid:[2]" }, own, runs)).toBe(false);
  });

  test("a record of our own pid does not count: it is ours, or that of one whose place we took", () => {
    expect(isAlive(own, own, () => 5000)).toBe(false);
  });
});

describe("a holder record", () => {
  test("is read back as it was written", () => {
    const record = fc.record({
      pid: fc.nat(),
      startTicks: fc.nat(),
      bootId: fc.string(),
      pidNamespace: fc.string(),
    });
    fc.assert(
      fc.property(record, (holder) => {
        expect(decodeHolder(encodeHolder(holder))).toEqual(holder);
      }),
    );
  });

  test("is one line", () => {
    expect(encodeHolder(own).indexOf("\n")).toBe(encodeHolder(own).length - 1);
  });

  test.each(["", "{", "null", "[]", "12", '{"pid":"12"}', encodeHolder(own).slice(0, 40)])("is not in %j", (text) => {
    expect(decodeHolder(text)).toBeNull();
  });
});
