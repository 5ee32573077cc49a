import { bytesOfName, nameOf } from "@upkeep/linux/core/name-text";
import { idOf, idOfSegment, labelsOf } from "@upkeep/web/core/identity";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

/** Names as directories can have them: any bytes but the slash and zero. */
const nameBytes = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  .filter((bytes) => !bytes.includes(0) && !bytes.includes(0x2f));
const name = nameBytes.map((bytes) => nameOf(bytes));

describe("an id", () => {
  test("leads back to the bytes of the name, whatever these are, and needs no further encoding in a URL", () => {
    fc.assert(
      fc.property(name, fc.option(name), (own, label) => {
        const id = idOf(label, own);
        expect(id).toMatch(/^[A-Za-z0-9._~%:-]+$/);
        expect(idOfSegment(id, label !== null)).toBe(id);
      }),
    );
  });

  test("is different for different names and labels", () => {
    fc.assert(
      fc.property(name, name, name, name, (one, other, label, otherLabel) => {
        fc.pre(one !== other || label !== otherLabel);
        expect(idOf(label, one) === idOf(otherLabel, other)).toBe(false);
      }),
    );
  });

  test.each([
    ["web", "web"],
    ["w%65b", "web"],
    ["a b", "a%20b"],
    ["%ff", "%FF"],
    ["\u00ff", "%FF"],
    ["%C3%A9", "%C3%A9"],
    ["..%2e", "..."],
    ["a:b", "a%3Ab"],
  ])("of the segment %j is %j", (segment, id) => {
    expect(idOfSegment(segment, false)).toBe(id);
  });

  test.each(["", "%", "%f", "%zz", "a%2fb", "..%2F..%2Fetc", "a%00", "\u20ac"])(
    "is not in the segment %j",
    (segment) => {
      expect(idOfSegment(segment, false)).toBeNull();
    },
  );

  test("has a label where several directories are shown, and only there", () => {
    expect(idOf("site", "web")).toBe("site:web");
    expect(idOf("a:b", "c:d")).toBe("a%3Ab:c%3Ad");
    expect(idOfSegment("web", true)).toBeNull();
    expect(idOfSegment("site:w:b", true)).toBe("site:w%3Ab");
    expect(bytesOfName("site:web").length).toBe(8);
  });
});

test("labels are the last parts of paths, and different", () => {
  expect(labelsOf(["/etc/service"])).toEqual([null]);
  expect(labelsOf(["/etc/service", "/srv/service/", "/", "/home/service"])).toEqual([
    "service",
    "service-2",
    "root",
    "service-3",
  ]);
  fc.assert(
    fc.property(fc.array(name, { minLength: 2 }), (names) => {
      const labels = labelsOf(names.map((one) => `/srv/${one}`));
      expect(new Set(labels).size).toBe(names.length);
    }),
  );
});
