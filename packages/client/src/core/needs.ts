import type { NeighbourState } from "./picture.ts";

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

/** Who needs whom, in the order of the services. */
export function edgesOf(nodes: readonly GraphNode[]): readonly GraphEdge[] {
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
