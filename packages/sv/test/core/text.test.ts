import { assert, constantFrom, array, integer, property } from "fast-check";
import stringWidth from "string-width";
import { expect, test } from "vitest";

import { cutTo, fitTo, padTo } from "@upkeep/sv/core/text";

test("a text is cut between characters, however wide they are", () => {
  expect(cutTo("service", 7)).toBe("service");
  expect(cutTo("service", 4)).toBe("ser…");
  expect(cutTo("service", 4, true)).toBe("ser~");
  expect(cutTo("漢字かな", 4)).toBe("漢…");
  expect(cutTo("😀😀😀", 4)).toBe("😀…");
  expect(cutTo("e\u0301e\u0301e\u0301", 2)).toBe("e\u0301…");
  expect(cutTo("service", 0)).toBe("");
});

test("a cell is filled up on either side, and only cut where it must be exactly as wide", () => {
  expect([padTo("a", 3), padTo("a", 3, true), padTo("漢", 3), padTo("long", 3)]).toEqual(["a  ", "  a", "漢 ", "long"]);
  expect([fitTo("long", 3, false, false), fitTo("漢字", 3, true, false)]).toEqual(["lo…", "漢…"]);
});

test("a cut text never takes more columns, and no half of a character", () => {
  const text = array(constantFrom("a", " ", "漢", "😀", "👩‍👩‍👧", "e\u0301", "\ufe0f")).map((parts) => parts.join(""));
  assert(
    property(text, integer({ min: 0, max: 12 }), (whole, width) => {
      const cut = cutTo(whole, width);
      expect(stringWidth(cut)).toBeLessThanOrEqual(width);
      expect(cut.isWellFormed()).toBe(true);
    }),
  );
});
