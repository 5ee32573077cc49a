import { describeInWords } from "@upkeep/client/core/in-words";
import {
  endCount,
  endsOf,
  followed,
  newerThan,
  type SameEnds,
  sameEndsIn,
  withLast,
} from "@upkeep/client/core/same-ends";
import { isoTime, type LastEnd, noDetails } from "@upkeep/supervise/core/state-json";
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { down, run } from "../helpers/records.ts";

const end = (seconds: number, code: number | null, signal: number | null = null): LastEnd => ({
  code,
  signal,
  core: false,
  at: isoTime({ seconds, nanoseconds: 5000 }),
  ranMillis: 20,
});

/** A service that has ended so often, and is down. */
const state = (lastExit: LastEnd | null, starts: number | null, record = down) => ({
  record,
  details: { ...noDetails, lastExit, starts },
});

test("those that are alike and come in a row are counted", () => {
  const ends = [end(9, 3), end(8, 3), end(7, null, 9), end(6, 3)];
  expect(sameEndsIn(ends, 4)).toEqual({ last: ends[0], count: 4, times: [9, 8] });
  expect(sameEndsIn(ends.slice(2), null)?.times).toEqual([7]);
  expect(sameEndsIn([], 0)).toBeNull();
});

test("an end that is not on record yet is the last one all the same", () => {
  const ends = [end(9, 3), end(8, 3)];
  expect(withLast(ends, state(ends[0] ?? null, 2))).toBe(ends);
  expect(withLast(ends.slice(1), state(ends[0] ?? null, 2))).toEqual(ends);
  expect(withLast(ends, state(null, null))).toBe(ends);
  expect(withLast(ends, state(end(8, 3), 1))).toBe(ends);
  expect(withLast(ends, state(end(7, 3), 1))).toBe(ends);
  expect([newerThan(end(9, 3), ends), newerThan(end(8, 3), ends), newerThan(end(7, 3), ends)]).toEqual([0, 1, 2]);
  expect(newerThan(end(10, 3), ends)).toBe(0);
});

test("a start that goes on has not ended", () => {
  expect(endCount(run, { ...noDetails, starts: 3 })).toBe(2);
  expect(endCount(down, { ...noDetails, starts: 3 })).toBe(3);
  expect(endCount(down, noDetails)).toBeNull();
});

test("the record is asked where an end was missed, or nothing is known, and only then", () => {
  const known: SameEnds = { last: end(8, 3), count: 2, times: [8, 7] };
  expect(followed(null, state(end(8, 3), 2))).toBeNull();
  expect(followed(known, state(end(8, 3), 3, run))).toBe(known);
  expect(followed(known, state(end(9, 3), 3))?.times).toEqual([9, 8, 7]);
  expect(followed(known, state(end(9, 1), 3))?.times).toEqual([9]);
  expect(followed(known, state(end(9, 3), 4))).toBeNull();
  expect(followed(known, state(end(9, 3), 1))).toBeNull();
  expect(followed({ ...known, count: null }, state(end(9, 3), null))).toBeNull();
});

test("the words are those of the whole record, however often one looks", () => {
  const life = fc.array(fc.tuple(fc.integer({ min: 1, max: 4000 }), fc.constantFrom(1, 3), fc.boolean()), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(life, (steps) => {
      let known: SameEnds | null = null;
      let ends: readonly LastEnd[] = [];
      let seconds = 1000;
      for (const [index, [pause, code, isSeen]] of steps.entries()) {
        seconds += pause;
        ends = [end(seconds, code), ...ends].slice(0, 20);
        if (!isSeen) continue;
        const now = state(ends[0] ?? null, index + 1);
        known = followed(known, now) ?? sameEndsIn(withLast(ends, now), index + 1);
        const words = (all: readonly LastEnd[]): string =>
          describeInWords({ state: now, isNormallyDown: false }, all, seconds + 1);
        expect(words(endsOf(now.details.lastExit, known?.times ?? []))).toBe(words(ends));
      }
    }),
  );
});
