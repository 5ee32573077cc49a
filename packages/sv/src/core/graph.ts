import type { NeighbourState } from "@upkeep/client/core/picture";

/** A service, and whom it waits for. */
export interface GraphNode {
  readonly name: string;
  readonly state: NeighbourState;
  readonly needs: readonly string[];
}

/** A need, and what is wrong with it: one of a circle, or of a service that does not exist. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly problem: "cycle" | "missing" | null;
}

export type GraphFormat = "text" | "dot" | "mermaid" | "json";

/** Who needs whom, in the order of the services. */
function edgesOf(nodes: readonly GraphNode[]): readonly GraphEdge[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  return nodes.flatMap(({ name, needs }) =>
    needs.map((to): GraphEdge => {
      const problem = !byName.has(to) ? "missing" : reaches(to, name, byName) ? "cycle" : null;
      return { from: name, to, problem };
    }),
  );
}

/** Whether a service waits for another one, itself or by way of others; it counts as waiting for itself. */
function reaches(from: string, to: string, nodes: ReadonlyMap<string, GraphNode>): boolean {
  const seen = new Set([from]);
  for (const name of seen) {
    if (name === to) return true;
    for (const next of nodes.get(name)?.needs ?? []) seen.add(next);
  }
  return false;
}

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
