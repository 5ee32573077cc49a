import { expect, test } from "vitest";

import type { Listed } from "../../src/core/scan.ts";
import { createSettledListing } from "../../src/scan/settled-listing.ts";

const entry = (name: string, identity = name): Listed => ({ kind: "directory", name, identity, place: `/${name}` });
const failed = (name: string): Listed => ({ kind: "failed", name, errno: 2 });

/** Lists these one after the other, and then the last one for ever; counts. */
function listingOf(...listings: readonly (readonly Listed[])[]): { list: () => readonly Listed[]; count: number } {
  const world = { count: 0, list: () => listings[Math.min(world.count++, listings.length - 1)] ?? [] };
  return world;
}

test("a directory that is renamed during a listing is looked for again", () => {
  const after = [entry("a"), entry("c", "b")];
  const world = listingOf([entry("a"), entry("b")], [entry("a"), failed("b")], after);
  const settled = createSettledListing(() => world.list());
  settled();
  expect(settled()).toEqual(after);
  expect(settled()).toEqual(after);
  expect(world.count).toBe(4);
});

test("what is missing twice in a row is gone", () => {
  const world = listingOf([entry("a"), entry("b")], [entry("a")]);
  const settled = createSettledListing(() => world.list());
  settled();
  expect(settled()).toEqual([entry("a")]);
  expect(world.count).toBe(3);
});

test("of two that are renamed one after the other, each in the middle of a listing, neither is gone", () => {
  const all = [entry("a"), entry("b"), entry("c")];
  const world = listingOf(all, [entry("b"), entry("c")], [entry("a"), entry("c")], all);
  const settled = createSettledListing(() => world.list());
  settled();
  expect(settled()).toEqual(all);
});

test("a directory that changes all the time is listed a few times only", () => {
  const names = Array.from({ length: 30 }, (_, at) => entry(`s${at}`));
  const world = listingOf(names, ...names.map((_, at) => names.slice(0, 30 - at - 1)));
  const settled = createSettledListing(() => world.list());
  settled();
  settled();
  expect(world.count).toBe(7);
});
