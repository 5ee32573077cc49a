import { compareTime, packTai64n, tai64nText, unpackTai64n } from "@upkeep/supervise/core/tai64n";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const moments = fc.record({
  seconds: fc.integer({ min: 0, max: 2 ** 40 }),
  nanoseconds: fc.integer({ min: 0, max: 999_999_999 }),
});

describe("TAI64N", () => {
  test.each([
    [{ seconds: 0, nanoseconds: 0 }, "@400000000000000a000001f4"],
    [{ seconds: 1_795_234_302, nanoseconds: 350_600_619 }, "@400000006b011a0814e5bd34"],
    // The second before the leap second at the end of 2016, and the one after: no table, so one apart.
    [{ seconds: 1_483_228_799, nanoseconds: 999_999_999 }, "@40000000586846893b9ac80c"],
    [{ seconds: 1_483_228_800, nanoseconds: 0 }, "@400000005868468a000001f4"],
  ])("%j is %s", (time, text) => {
    expect(tai64nText(time)).toBe(text);
  });

  test("unpacking gives back what was packed, to the microsecond", () => {
    fc.assert(
      fc.property(moments, fc.nat({ max: 8 }), (time, at) => {
        const bytes = new Uint8Array(24);
        packTai64n(time, bytes, at);
        const { seconds, nanoseconds } = unpackTai64n(bytes, at);
        expect(seconds).toBe(time.seconds);
        expect(Math.floor(nanoseconds / 1000)).toBe(Math.floor(time.nanoseconds / 1000));
        expect(nanoseconds % 1000).toBe(500);
      }),
    );
  });

  test("labels sort as their moments do", () => {
    fc.assert(
      fc.property(moments, moments, (one, other) => {
        const [a, b] = [tai64nText(one), tai64nText(other)];
        const order = a < b ? -1 : a > b ? 1 : 0;
        expect(Math.sign(compareTime(one, other))).toBe(order);
      }),
    );
  });
});
