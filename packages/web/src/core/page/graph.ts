import { Graph, layout } from "@dagrejs/dagre";
import { edgesOf, type GraphEdge, type GraphNode } from "@upkeep/client/core/needs";
import type { Neighbour, NeighbourState } from "@upkeep/client/core/picture";

/** A service in a picture of who needs whom, in pixels. `x` and `y` are its upper left corner. */
export interface DrawnNode {
  readonly name: string;
  /** Cut to the width of the box. */
  readonly shown: string;
  readonly state: NeighbourState;
  readonly isCentre: boolean;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** An arrow from what must be ready first to what needs it, as the `d` of an SVG path. */
export interface DrawnEdge {
  readonly path: string;
  readonly problem: GraphEdge["problem"];
}

export interface DrawnGraph {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly DrawnEdge[];
}

const box = { height: 28, padding: 30, letter: 6.8, least: 64, longest: 22 } as const;
const gaps = { rank: 36, node: 10, margin: 2 } as const;

/** What a service needs and what needs it, as nodes: the names of others' own needs are not known here. */
export function nodesAround(
  name: string,
  state: NeighbourState,
  needs: readonly Neighbour[],
  neededBy: readonly Neighbour[],
): readonly GraphNode[] {
  const known = new Map<string, { state: NeighbourState; needs: string[] }>();
  known.set(name, { state, needs: needs.map((one) => one.name) });
  for (const one of needs) if (!known.has(one.name)) known.set(one.name, { state: one.state, needs: [] });
  for (const one of neededBy) {
    const before = known.get(one.name);
    if (before === undefined) known.set(one.name, { state: one.state, needs: [name] });
    else if (!before.needs.includes(name)) before.needs.push(name);
  }
  return [...known].map(([key, value]) => ({ name: key, ...value }));
}

/** Lays services out from left to right: what must be ready first is on the left. */
export function drawGraph(nodes: readonly GraphNode[], centre: string): DrawnGraph {
  const graph = new Graph({ directed: true });
  graph.setGraph({ rankdir: "LR", ranksep: gaps.rank, nodesep: gaps.node, marginx: gaps.margin, marginy: gaps.margin });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { name } of nodes) {
    const width = Math.max(box.least, cut(name).length * box.letter + box.padding);
    graph.setNode(name, { width, height: box.height });
  }
  // One that names itself has no place in a picture from left to right; its state says that it waits for ever.
  const edges = edgesOf(nodes).filter(({ from, to }) => from !== to && graph.hasNode(to));
  for (const { from, to } of edges) graph.setEdge(to, from);
  layout(graph);
  return {
    width: Math.ceil(Number(graph.graph().width)),
    height: Math.ceil(Number(graph.graph().height)),
    nodes: nodes.map(({ name, state }) => {
      const { x, y, width, height } = graph.node(name) as { x: number; y: number; width: number; height: number };
      const corner = { x: x - width / 2, y: y - height / 2 };
      return { name, shown: cut(name), state, isCentre: name === centre, ...corner, width, height };
    }),
    edges: edges.map(({ from, to, problem }) => ({
      path: smooth((graph.edge(to, from) as { points?: readonly Point[] }).points ?? []),
      problem,
    })),
  };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A curve through the first and the last point, which bends at the ones between. */
function smooth(points: readonly Point[]): string {
  const [first, ...others] = points;
  if (first === undefined) return "";
  let path = `M${place(first)}`;
  let last = first;
  for (const point of others) {
    const middle = (last.x + point.x) / 2;
    path += `C${place({ x: middle, y: last.y })} ${place({ x: middle, y: point.y })} ${place(point)}`;
    last = point;
  }
  return path;
}

function place({ x, y }: Point): string {
  return `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
}

function cut(name: string): string {
  const characters = Array.from(name);
  return characters.length <= box.longest ? name : `${characters.slice(0, box.longest - 1).join("")}…`;
}
