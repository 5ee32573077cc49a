import { decodeDetails, noDetails, isoTime, timeOf } from "@upkeep/supervise/core/state-json";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const record = { since: { seconds: 1_700_000_000, nanoseconds: 123_456_500 }, pid: 5, state: "run" };
const file = { version: 1, name: "web", state: "run", since: "2023-11-14T22:13:20.123456Z", pid: 5, want: "up" };

const decode = (changes: Readonly<Record<string, unknown>>) =>
  decodeDetails(JSON.stringify({ ...file, ...changes }), record);

describe("state.json", () => {
  test("of an older supervisor leaves null what it does not know", () => {
    expect(decode({ starts: 3 })).toEqual({ ...noDetails, want: "up", starts: 3 });
  });

  test("tells of readiness, dependencies and failure", () => {
    const found = {
      once: true,
      ready: false,
      readySince: null,
      readiness: "check",
      satisfied: false,
      waitingFor: ["db", "cache"],
      waitingProblem: null,
      failures: 2,
      failed: { reason: "restart-limit", text: "3 failures within 10 seconds", at: "2023-11-14T22:13:21Z" },
      critical: true,
    };
    expect(decode(found)).toEqual({ ...noDetails, want: "up", ...found });
  });

  test("counts only together with the status it was written with", () => {
    expect(decode({ pid: 6 })).toBeNull();
    expect(decode({ pid: null })).toBeNull();
    expect(decode({ state: "down" })).toBeNull();
    expect(decode({ since: "2023-11-14T22:13:20.123457Z" })).toBeNull();
    expect(decode({ since: "2023-11-14T22:13:20Z" })).toBeNull();
    expect(decode({ version: 2 })).toBeNull();
    expect(decodeDetails("{ nonsense", record)).toBeNull();
    expect(decodeDetails("[]", record)).toBeNull();
  });

  test("with odd values never throws", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(noDetails)), fc.jsonValue()), (changes) => {
        expect(Object.keys(decode(changes) ?? {})).toEqual(Object.keys(noDetails));
      }),
    );
  });
});

test("a time is read to the nanosecond", () => {
  expect(timeOf("2023-11-14T22:13:20Z")).toEqual({ seconds: 1_700_000_000, nanoseconds: 0 });
  expect(timeOf("2023-11-14T22:13:20.5Z")).toEqual({ seconds: 1_700_000_000, nanoseconds: 500_000_000 });
  for (const text of ["", "yesterday", "2023-11-14T22:13:20", "2023-13-14T22:13:20Z", 5, null]) {
    expect(timeOf(text)).toBeNull();
  }
});

test("a time that was written is read again to the microsecond, as far as calendars go", () => {
  const seconds = fc.integer({ min: -8_639_999_999_999, max: 8_639_999_999_999 });
  fc.assert(
    fc.property(seconds, fc.integer({ min: 0, max: 999_999 }), (at, micros) => {
      const time = { seconds: at, nanoseconds: micros * 1000 };
      expect(timeOf(isoTime(time))).toEqual(time);
    }),
  );
  expect(isoTime({ seconds: 8.64e12, nanoseconds: 0 })).toBeNull();
});
