import { decodeStatus, encodeStatus, type StatusRecord } from "@upkeep/supervise/core/status";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const records: fc.Arbitrary<StatusRecord> = fc.record({
  since: fc.record({
    seconds: fc.integer({ min: 0, max: 2 ** 33 }),
    nanoseconds: fc.integer({ min: 0, max: 999_999 }).map((micros) => micros * 1000 + 500),
  }),
  pid: fc.integer({ min: 0, max: 2 ** 22 }),
  paused: fc.boolean(),
  want: fc.constantFrom("up", "down"),
  gotTerm: fc.boolean(),
  state: fc.constantFrom("down", "run", "finish"),
});

describe("status record", () => {
  // Captured from runit 2.1.2: a running service, wanted up, pid 18386.
  const captured = "400000006b00ee8a39ae26c4d247000000750001";

  test("runit's bytes are understood and made again", () => {
    const record = decodeStatus(Buffer.from(captured, "hex"));
    expect(record).toEqual({
      since: { seconds: 1_795_223_168, nanoseconds: 967_714_500 },
      pid: 18_386,
      paused: false,
      want: "up",
      gotTerm: false,
      state: "run",
    });
    if (record === null) return;
    expect(Buffer.from(encodeStatus(record)).toString("hex")).toBe(captured);
  });

  test("decoding gives back what was encoded", () => {
    fc.assert(
      fc.property(records, (record) => {
        expect(decodeStatus(encodeStatus(record))).toEqual(record);
      }),
    );
  });

  test("anything of another length, or with an unknown state, is no record", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const isRecord = bytes.length === 20 && (bytes[19] ?? 9) <= 2;
        expect(decodeStatus(bytes) !== null).toBe(isRecord);
      }),
    );
  });
});
