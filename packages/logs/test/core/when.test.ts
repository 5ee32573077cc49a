import { expect, test } from "vitest";

import { parseWhen } from "@upkeep/logs/core/when";
import type { Zone } from "@upkeep/logs/core/zone";

const east: Zone = { toUtc: (civil) => civil - 3600, toCivil: (seconds) => seconds + 3600 };
const now = Date.UTC(2026, 10, 28, 23, 30);

test.each([
  ["90s", "2026-11-28T23:28:30Z"],
  ["1h30m", "2026-11-28T22:00:00Z"],
  ["0.5h", "2026-11-28T23:00:00Z"],
  ["60", "2026-11-28T23:29:00Z"],
  ["2d", "2026-11-26T23:30:00Z"],
  ["now", "2026-11-28T23:30:00Z"],
  ["today", "2026-11-28T23:00:00Z"],
  ["yesterday", "2026-11-27T23:00:00Z"],
  ["00:10", "2026-11-28T23:10:00Z"],
  ["00:10:05.5", "2026-11-28T23:10:05.5Z"],
  ["2026-11-27", "2026-11-26T23:00:00Z"],
  ["2026-11-27 14:05", "2026-11-27T13:05:00Z"],
  ["2026-11-27_14:05:30", "2026-11-27T13:05:30Z"],
  ["2026-11-27T14:05:30Z", "2026-11-27T14:05:30Z"],
  ["2026-11-27T14:05:30.25+02:30", "2026-11-27T11:35:30.25Z"],
  ["@400000006b0a8f990000000c", "2026-11-28T08:23:43Z"],
])("%s is %s", (text, iso) => {
  expect(parseWhen(text, now, east)).toBeCloseTo(Date.parse(iso) * 1000, 0);
});

test.each(["", "x", "1x", "25:00", "12:60", "2026-02-30", "2026-13-01", "2026-11-27 14", "T14:00", "-1h", "Z"])(
  "%j is no moment",
  (text) => {
    expect(parseWhen(text, now, east)).toBeNull();
  },
);
