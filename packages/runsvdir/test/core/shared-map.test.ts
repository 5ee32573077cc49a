import * as fc from "fast-check";
import { expect, test } from "vitest";

import {
  emptyMap,
  entriesOf,
  find,
  valuesOf,
  withEntry,
  withoutEntry,
  type SharedMap,
} from "../../src/core/shared-map.ts";

const key = fc.nat(200).map((number) => `30:${number}`);
const change = fc.record({ key, value: fc.option(fc.nat(), { nil: null }) });

test("a shared map holds what a map holds, and the one before stays as it was", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 300 }), (changes) => {
      const model = new Map<string, number>();
      let map: SharedMap<number> = emptyMap();
      for (const one of changes) {
        const before = map;
        const old = new Map(entriesOf(before));
        if (one.value === null) model.delete(one.key);
        else model.set(one.key, one.value);
        map = one.value === null ? withoutEntry(map, one.key) : withEntry(map, one.key, one.value);
        expect(find(map, one.key)).toBe(one.value ?? undefined);
        expect(new Map(entriesOf(before))).toEqual(old);
      }
      expect(new Map(entriesOf(map))).toEqual(model);
      expect([map.size, valuesOf(map).length]).toEqual([model.size, model.size]);
    }),
    { numRuns: 20 },
  );
});

test("a change of a large map copies a small part of it", () => {
  let map: SharedMap<number> = emptyMap();
  for (let number = 0; number < 5000; number++) map = withEntry(map, `30:${number}`, number);
  const changed = withEntry(map, "30:7", 0);
  const copied = changed.parts.filter((part, at) => part !== map.parts[at]);
  expect(copied.every(({ length }) => length < 100)).toBe(true);
  expect(copied).toHaveLength(1);
});
