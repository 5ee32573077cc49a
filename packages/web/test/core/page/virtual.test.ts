import { assert, integer, property, record } from "fast-check";
import { expect, test } from "vitest";

import { rowsInView, scrolledTo } from "@upkeep/web/core/page/virtual";

const viewport = record({
  count: integer({ min: 0, max: 5000 }),
  rowHeight: integer({ min: 1, max: 80 }),
  top: integer({ min: -200, max: 200_000 }),
  height: integer({ min: 0, max: 2000 }),
});

test("a thousand rows are drawn as those in the box and a few more", () => {
  expect(rowsInView({ count: 1000, rowHeight: 40, top: 0, height: 400 })).toEqual({ first: 0, end: 18 });
  expect(rowsInView({ count: 1000, rowHeight: 40, top: 20_000, height: 400 })).toEqual({ first: 492, end: 518 });
  expect(rowsInView({ count: 3, rowHeight: 40, top: 20_000, height: 400 })).toEqual({ first: 3, end: 3 });
});

test("every row that can be seen is drawn, and never more than fit with some to spare", () => {
  assert(
    property(viewport, (one) => {
      const { count, rowHeight, top, height } = one;
      const { first, end } = rowsInView(one);
      expect(first).toBeGreaterThanOrEqual(0);
      expect(end).toBeLessThanOrEqual(count);
      expect(end - first).toBeLessThanOrEqual(Math.max(0, height / rowHeight) + 18);
      const firstSeen = Math.max(0, Math.floor(top / rowHeight));
      const lastSeen = Math.min(count, Math.ceil((top + height) / rowHeight));
      if (firstSeen < lastSeen) {
        expect(first).toBeLessThanOrEqual(firstSeen);
        expect(end).toBeGreaterThanOrEqual(lastSeen);
      }
    }),
  );
});

test("a row that is not seen whole is scrolled to, and only as far as needed", () => {
  const box = { count: 100, rowHeight: 40, height: 400 };
  expect(scrolledTo(5, { ...box, top: 0 })).toBe(0);
  expect(scrolledTo(10, { ...box, top: 0 })).toBe(40);
  expect(scrolledTo(2, { ...box, top: 400 })).toBe(80);
  assert(
    property(viewport, integer({ min: 0, max: 5000 }), (one, row) => {
      const top = scrolledTo(row, one);
      if (one.height < one.rowHeight) return;
      expect(top).toBeLessThanOrEqual(row * one.rowHeight);
      expect(top + one.height).toBeGreaterThanOrEqual((row + 1) * one.rowHeight);
    }),
  );
});
