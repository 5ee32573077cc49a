import { expect, test } from "vitest";

import { onceQuiet } from "../../src/process/small-memory.ts";

test("the act comes when no call has come meanwhile, and again after the next call", () => {
  const due: (() => void)[] = [];
  let acts = 0;
  const later = (act: () => void): void => void due.push(act);
  const stir = onceQuiet(later, () => acts++);
  stir();
  stir();
  stir();
  expect([due.length, acts]).toEqual([1, 0]);
  due.shift()?.();
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
  const stir: () => void = onceQuiet(later, () => stir());
  stir();
  due.shift()?.();
  expect(due).toHaveLength(1);
});
