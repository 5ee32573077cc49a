import { describe, expect, test } from "vitest";

import { renderStamp, replaceBytes, replacementTable } from "../../src/lines/line.ts";

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

describe("replaceBytes", () => {
  const replace = (text: string, also = "", length = 1000): string => {
    const bytes = Buffer.from(text, "latin1");
    const table = replacementTable(0x5f, Buffer.from(also, "latin1")) ?? new Uint8Array();
    replaceBytes(bytes, 0, bytes.length, { table, length, column: 0 });
    return bytes.toString("latin1");
  };

  test("replaces what is not printable ASCII, byte by byte, and leaves newlines", () => {
    expect(replace("a\tb\x7f\xc3\xa9~ \n\x00\n")).toBe("a_b___~ \n_\n");
  });

  test("replaces the bytes asked for as well", () => {
    expect(replace("abcabc", "bc")).toBe("a__a__");
  });

  test("looks at the start of each line only", () => {
    expect(replace("\t\t\t\t\n\t\t\t", "", 2)).toBe("__\t\t\n__\t");
  });

  test("goes on in the middle of a line", () => {
    const bytes = Buffer.from("\t\t\n\t");
    const table = replacementTable(0x2e, new Uint8Array()) ?? new Uint8Array();
    expect(replaceBytes(bytes, 0, 4, { table, length: 5, column: 4 })).toBe(1);
    expect(bytes.toString()).toBe(".\t\n.");
  });

  test("nothing is replaced where nobody asked for it", () => {
    expect(replacementTable(null, Buffer.from("a"))).toBeNull();
  });
});
