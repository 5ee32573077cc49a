import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { bytesOfName, nameOf, pathOfName } from "../../src/core/name-text.ts";

const latin = (text: string): Buffer => Buffer.from(text, "latin1");

describe("the text of a name", () => {
  test("gives back the same bytes, whatever they are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        expect([...bytesOfName(nameOf(bytes))]).toEqual([...bytes]);
      }),
    );
  });

  test("is the text itself for UTF-8", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(nameOf(Buffer.from(text, "utf8"))).toBe(text);
        expect(pathOfName(text)).toBe(text);
      }),
    );
  });

  test("keeps what is UTF-8 beside what is not", () => {
    expect(nameOf(latin("caf\xe9 \xc3\xa9"))).toBe("caf\udce9 é");
    expect(nameOf(latin("\xf0\x9f\x98\x80\xf0\x9f"))).toBe("😀\udcf0\udc9f");
    expect(pathOfName("caf\udce9")).toEqual(latin("caf\xe9"));
    // U+FFFD itself is a character like any other.
    expect(nameOf(Buffer.from("\ufffd\uffff", "utf8"))).toBe("\ufffd\uffff");
  });
});
