import { array, assert, integer, property, tuple } from "fast-check";
import { expect, test } from "vitest";

import { drawGraph, nodesAround } from "@upkeep/web/core/page/graph";

test("what must be ready first is on the left, what needs a service on its right", () => {
  const nodes = nodesAround(
    "web",
    "not ready",
    [
      { name: "db", state: "ready" },
      { name: "cache", state: "missing" },
    ],
    [{ name: "proxy", state: "down" }],
  );
  const { nodes: drawn, edges, width, height } = drawGraph(nodes, "web");
  const at = (name: string): number => drawn.find((node) => node.name === name)?.x ?? -1;
  expect(at("db")).toBeLessThan(at("web"));
  expect(at("cache")).toBeLessThan(at("web"));
  expect(at("web")).toBeLessThan(at("proxy"));
  expect(drawn.filter(({ isCentre }) => isCentre).map(({ name }) => name)).toEqual(["web"]);
  expect(edges).toHaveLength(3);
  for (const { path } of edges) expect(path).toMatch(/^M[\d.]+ [\d.]+(?:C[\d. -]+)+$/);
  for (const node of drawn) {
    expect(node.x + node.width).toBeLessThanOrEqual(width);
    expect(node.y + node.height).toBeLessThanOrEqual(height);
  }
});

test("a circle is marked, and one that needs itself or both ways has a picture all the same", () => {
  const neighbour = { name: "b", state: "down" } as const;
  const both = drawGraph(nodesAround("a", "down", [neighbour], [neighbour]), "a");
  expect(both.edges.map(({ problem }) => problem)).toEqual(["cycle", "cycle"]);
  const itself = { name: "a", state: "down" } as const;
  expect(drawGraph(nodesAround("a", "down", [itself], [itself]), "a").nodes).toHaveLength(1);
});

test("names are cut to their boxes, and two that begin alike stay two", () => {
  const names = [`${"x".repeat(30)}1`, `${"x".repeat(30)}2`].map((name) => ({ name, state: "up" }) as const);
  const { nodes } = drawGraph(nodesAround("web", "up", names, []), "web");
  expect(nodes.map(({ shown }) => shown)).toEqual(["web", `${"x".repeat(21)}…`, `${"x".repeat(21)}…`]);
});

test("no two boxes of any picture overlap", () => {
  const edge = tuple(integer({ min: 0, max: 9 }), integer({ min: 0, max: 9 }));
  assert(
    property(array(edge, { maxLength: 25 }), (pairs) => {
      const nodes = Array.from({ length: 10 }, (_, index) => ({
        name: `s${index}`,
        state: "up" as const,
        needs: [...new Set(pairs.filter(([from]) => from === index).map(([, to]) => `s${to}`))],
      }));
      const { nodes: drawn } = drawGraph(nodes, "s0");
      for (const [index, one] of drawn.entries()) {
        for (const other of drawn.slice(index + 1)) {
          const isApart =
            one.x + one.width <= other.x ||
            other.x + other.width <= one.x ||
            one.y + one.height <= other.y ||
            other.y + other.height <= one.y;
          expect(isApart, `${one.name} and ${other.name}`).toBe(true);
        }
      }
    }),
    { numRuns: 30 },
  );
});
