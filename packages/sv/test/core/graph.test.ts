import { expect, test } from "vitest";

import { renderGraph } from "@upkeep/sv/core/graph";

const nodes = [
  { name: "a", state: "up", needs: ["b", "none"] },
  { name: "b", state: "down", needs: ["c"] },
  { name: "c", state: "ready", needs: ["b"] },
  { name: 'd "x"#', state: "done", needs: [] },
] as const;

test("a graph names states, circles and what is missing", () => {
  expect(renderGraph(nodes, "text")).toEqual([
    "a (up)",
    "  needs b (down)",
    "  needs none (missing)",
    "b (down)",
    "  needs c (ready, in a circle)",
    "c (ready)",
    "  needs b (down, in a circle)",
    'd "x"# (done)',
  ]);
});

test("dot, mermaid and JSON have the same", () => {
  expect(renderGraph(nodes, "dot")).toEqual([
    "digraph services {",
    '  "a" [label="a\\nup"];',
    '  "b" [label="b\\ndown"];',
    '  "c" [label="c\\nready"];',
    '  "d \\"x\\"#" [label="d \\"x\\"#\\ndone"];',
    '  "a" -> "b";',
    '  "a" -> "none" [color=red, label=missing];',
    '  "b" -> "c" [color=red, label=cycle];',
    '  "c" -> "b" [color=red, label=cycle];',
    "}",
  ]);
  expect(renderGraph(nodes, "mermaid")).toEqual([
    "graph LR",
    '  s0["a: up"]',
    '  s1["b: down"]',
    '  s2["c: ready"]',
    '  s3["d #quot;x#quot;#35;: done"]',
    '  s4["none: missing"]',
    "  s0 --> s1",
    "  s0 -->|missing| s4",
    "  s1 -->|cycle| s2",
    "  s2 -->|cycle| s1",
  ]);
  expect(JSON.parse(renderGraph(nodes, "json")[0] ?? "")).toMatchObject({
    version: 1,
    services: nodes,
    edges: [{ from: "a", to: "b", problem: null }, { problem: "missing" }, { problem: "cycle" }, { problem: "cycle" }],
  });
});
