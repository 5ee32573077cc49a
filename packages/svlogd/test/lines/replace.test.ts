import { describe, expect, test } from "vitest";

import { replaceBytes, replacementTable } from "../../src/lines/replace.ts";

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
