import { expect, test } from "vitest";

import type { Zone } from "@upkeep/logs/core/zone";
import { createStampReader } from "@upkeep/logs/lines/stamp-reader";

const east: Zone = { toUtc: (civil) => civil - 3600, toCivil: (seconds) => seconds + 3600 };
const moment = Date.UTC(2026, 10, 28, 8, 23, 43) * 1000;

function read(line: string, countsLeapSeconds = false): readonly [number, number] | null {
  const stamps = createStampReader(east, countsLeapSeconds);
  const length = stamps.read(Buffer.from(`${line}\n`), 0, line.length);
  return length === 0 ? null : [stamps.micros - moment, length];
}

// As the real loggers wrote them.
test.each([
  ["svlogd -t, multilog t", "@400000006b0a8f9903fdf70c x", false, [66_975.5, 26]],
  ["s6-log t", "@400000006b0a8fb403947407 x", true, [60_060.679, 26]],
  ["svlogd -tt", "2026-11-28_08:23:43.04440 x", false, [44_400, 26]],
  ["svlogd -ttt", "2026-11-28T08:23:43.04440 x", false, [44_400, 26]],
  ["s6-log T", "2026-11-28 09:23:43.056486504  x", true, [56_486.504, 31]],
  ["a label alone", "@400000006b0a8f9903fdf70c", false, [66_975.5, 25]],
] as const)("the stamp of %s is read", (_, line, countsLeapSeconds, [micros, length]) => {
  const found = read(line, countsLeapSeconds);
  expect(found?.[0]).toBeCloseTo(micros, 0);
  expect(found?.[1]).toBe(length);
});

test.each([
  "",
  "@",
  "@400000006b0a8f9903fdf70",
  "@400000006b0a8f9903fdf70cx",
  "@400000006b0a8f9903fdf7zz x",
  "2026-11-28T08:23:43.044Z x",
  "2026-11-28 08:23:43.04440 x",
  "2026-11-28_08:23:43.04440",
  "plain text that is longer than any stamp is",
])("%j has no stamp", (line) => {
  expect(read(line)).toBeNull();
});
