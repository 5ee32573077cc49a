import { describe, expect, test } from "vitest";

import { renderStamp } from "../../src/core/stamp.ts";

describe("renderStamp", () => {
  const time = { seconds: 1_700_000_000, nanoseconds: 123_456_789 };

  test.each([
    [0, ""],
    [1, "@400000006553f10a075bcbf4 "],
    [2, "2023-11-14_22:13:20.12345 "],
    [3, "2023-11-14T22:13:20.12345 "],
  ] as const)("style %d", (style, expected) => {
    expect(renderStamp(style, time)).toBe(expected);
  });

  test("fills a small fraction up with zeros", () => {
    expect(renderStamp(2, { seconds: 0, nanoseconds: 42_000 })).toBe("1970-01-01_00:00:00.00004 ");
  });
});
