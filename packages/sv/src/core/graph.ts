import { edgesOf, type GraphEdge, type GraphNode } from "@upkeep/client/core/needs";
import type { NeighbourState } from "@upkeep/client/core/picture";

export type GraphFormat = "text" | "dot" | "mermaid" | "json";

/** Draws the graph. */
export function renderGraph(nodes: readonly GraphNode[], format: GraphFormat): readonly string[] {
  const edges = edgesOf(nodes);
  switch (format) {
    case "json":
      return [JSON.stringify({ version: 1, services: nodes, edges })];
    case "dot":
      return ["digraph services {", ...nodes.map(dotNode), ...edges.map(dotEdge), "}"];
    case "mermaid":
      return ["graph LR", ...mermaid(nodes, edges)];
    case "text":
      return nodes.flatMap(({ name, state }) => [
        `${name} (${state})`,
        ...edges.filter(({ from }) => from === name).map((edge) => `  needs ${edge.to}${note(edge, nodes)}`),
      ]);
    default:
      return format satisfies never;
  }
}

function note({ to, problem }: GraphEdge, nodes: readonly GraphNode[]): string {
  const state = nodes.find(({ name }) => name === to)?.state ?? "missing";
  return problem === "cycle" ? ` (${state}, in a circle)` : ` (${state})`;
}

function dotNode({ name, state }: GraphNode): string {
  return `  ${JSON.stringify(name)} [label=${JSON.stringify(`${name}\n${state}`)}];`;
}

function dotEdge({ from, to, problem }: GraphEdge): string {
  const mark = problem === null ? "" : ` [color=red, label=${problem}]`;
  return `  ${JSON.stringify(from)} -> ${JSON.stringify(to)}${mark};`;
}

/** Names may hold anything, so nodes are numbered. */
function mermaid(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): readonly string[] {
  const names = [...new Set([...nodes.map(({ name }) => name), ...edges.map(({ to }) => to)])];
  const escaped = (text: string): string => text.replaceAll("#", "#35;").replaceAll('"', "#quot;");
  const stateOf = (name: string): NeighbourState => nodes.find((node) => node.name === name)?.state ?? "missing";
  return [
    ...names.map((name, index) => `  s${index}["${escaped(name)}: ${stateOf(name)}"]`),
    ...edges.map(({ from, to, problem }) => {
      const arrow = problem === null ? "-->" : `-->|${problem}|`;
      return `  s${names.indexOf(from)} ${arrow} s${names.indexOf(to)}`;
    }),
  ];
}
