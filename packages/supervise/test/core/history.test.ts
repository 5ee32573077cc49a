import { expect, test } from "vitest";

import { decodeHistory, encodeHistory, type RecordedEnd } from "@upkeep/supervise/core/history";

const end = (code: number): RecordedEnd => ({
  code,
  signal: null,
  core: false,
  at: "2026-11-28T08:00:00.000000Z",
  ranMillis: 20,
  ready: true,
});

test("the last 20 ends are written, and read again", () => {
  const ends = Array.from({ length: 25 }, (_, code) => end(code));
  expect(decodeHistory(encodeHistory(ends))).toEqual(ends.slice(0, 20));
  expect(encodeHistory(ends).length).toBeLessThan(3000);
});

test.each(["", "{", "[]", '{"version":2,"ends":[]}', '{"version":1,"ends":{}}', '{"version":1,"ends":[1,null]}'])(
  "%j is no history",
  (text) => {
    expect(decodeHistory(text)).toEqual([]);
  },
);
