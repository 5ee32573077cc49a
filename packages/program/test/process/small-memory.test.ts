import { expect, test } from "vitest";

import { onceLater } from "../../src/process/small-memory.ts";

test("however often it is called, the act comes once later, and again after the next call", () => {
  const due: (() => void)[] = [];
  let acts = 0;
  const later = (act: () => void): void => void due.push(act);
  const stir = onceLater(later, () => acts++);
  stir();
  stir();
  expect([due.length, acts]).toEqual([1, 0]);
  due.shift()?.();
  expect([due.length, acts]).toEqual([0, 1]);
  stir();
  due.shift()?.();
  expect([due.length, acts]).toEqual([0, 2]);
});

test("an act that asks for itself comes again", () => {
  const due: (() => void)[] = [];
  const later = (act: () => void): void => void due.push(act);
  const stir: () => void = onceLater(later, () => stir());
  stir();
  due.shift()?.();
  expect(due).toHaveLength(1);
});
