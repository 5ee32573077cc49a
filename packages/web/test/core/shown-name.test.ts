import { Buffer } from "node:buffer";

import { nameOf } from "@upkeep/linux/core/name-text";
import { shownName, wellFormed, wellFormedJson } from "@upkeep/web/core/shown-name";
import * as fc from "fast-check";
import { expect, test } from "vitest";

const name = (...bytes: readonly (string | number)[]): string =>
  nameOf(Buffer.concat(bytes.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.of(part)))));

test("names whose bytes are not UTF-8 are told apart", () => {
  expect(wellFormed(name("caf", 0xe9))).toBe("caf\\xe9");
  expect(wellFormed(name("caf", 0xff, "é"))).toBe("caf\\xffé");
  expect(shownName(name("a\nb", 0x80))).toBe("a\\x0ab\\x80");
});

test("JSON that a browser gets has the same names, whatever else it says", () => {
  const text = fc.oneof(
    fc.uint8Array({ maxLength: 12 }).map((bytes) => nameOf(Buffer.from(bytes))),
    fc.string(),
    fc.constantFrom("\\udce9", "\\\udce9", "\\\\udcff", '"\udc80"', "🦀", "\\"),
  );
  fc.assert(
    fc.property(fc.array(text), (names) => {
      expect(JSON.parse(wellFormedJson(JSON.stringify(names)))).toEqual(names.map(wellFormed));
    }),
  );
});
