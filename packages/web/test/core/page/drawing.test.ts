import { array, assert, double, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";

import { spark } from "@upkeep/web/core/page/spark";
import { treeOf } from "@upkeep/web/core/page/tree";

const box = { width: 84, height: 20 };

describe("a small curve", () => {
  test("has its newest value at the right end, and begins farther right with fewer values", () => {
    expect(spark([0, 10], 61, { low: 0, high: 10 }, box)).toEqual({
      line: "M82.6 19L84 1",
      area: "M82.6 19L84 1L84 20L82.6 20Z",
    });
    expect(spark([], 60, { low: 0, high: 1 }, box).line).toBe("");
    expect(spark([1], 60, { low: 0, high: 1 }, box).line).toBe("");
  });

  test("stays in its box, whatever the values are", () => {
    const values = array(double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 2, maxLength: 90 });
    assert(
      property(values, integer({ min: 2, max: 80 }), (all, capacity) => {
        const { line } = spark(all, capacity, { low: 0, high: 100 }, box);
        const numbers = line.slice(1).split(/[L ]/).map(Number);
        expect(numbers).toHaveLength(2 * Math.min(all.length, capacity));
        numbers.forEach((value, index) => {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(index % 2 === 0 ? box.width : box.height);
        });
      }),
    );
  });
});

describe("a tree of processes", () => {
  const made = (pid: number, parent: number) => ({ pid, parent, cpuMillis: 0, residentBytes: null, command: "" });
  const drawn = (...pairs: readonly (readonly [number, number])[]): readonly string[] =>
    treeOf(pairs.map(([pid, parent]) => made(pid, parent))).map(({ process, branch }) => `${branch}${process.pid}`);

  test("has lines from each process to its parent", () => {
    expect(drawn([1, 0], [2, 1], [3, 2], [4, 1], [5, 4], [9, 0])).toEqual(["1", "├ 2", "│ └ 3", "└ 4", "  └ 5", "9"]);
  });

  test("shows each process once, even in a circle", () => {
    expect(drawn([1, 2], [2, 1])).toEqual(["1", "└ 2"]);
    expect(drawn([1, 1])).toEqual(["1"]);
    assert(
      property(array(integer({ min: 0, max: 20 }), { maxLength: 20 }), (parents) => {
        const rows = treeOf(parents.map((parent, pid) => made(pid, parent)));
        expect(rows.map(({ process }) => process.pid).toSorted((one, other) => one - other)).toEqual(
          parents.map((_, pid) => pid),
        );
      }),
    );
  });
});
