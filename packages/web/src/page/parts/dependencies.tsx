import { type Neighbour, stateInAWord } from "@upkeep/client/core/picture";
import { harmless } from "@upkeep/program/core/one-line";
import type { JSX } from "preact";

import type { ServiceDetail } from "../../core/api.ts";
import { drawGraph, nodesAround } from "../../core/page/graph.ts";
import { hashOf } from "../../core/page/route.ts";
import { snapshotOf } from "../../core/page/snapshot.ts";
import { useStore } from "../store.ts";
import { Card } from "./card.tsx";

/** Whom a service needs and who needs it, as a picture: what must be ready first is on the left. */
export function Dependencies({ detail }: { readonly detail: ServiceDetail }): JSX.Element {
  const { model } = useStore();
  const { needs, neededBy } = detail;
  if (needs.length === 0 && neededBy.length === 0) return <Card title="Dependencies" note="none" />;
  const own = stateInAWord(snapshotOf(detail));
  const { width, height, nodes, edges } = drawGraph(nodesAround(detail.name, own, needs, neededBy), detail.name);
  const words = [
    ...(needs.length === 0 ? [] : [`needs ${inWords(needs)}`]),
    ...(neededBy.length === 0 ? [] : [`is needed by ${inWords(neededBy)}`]),
  ];
  const idOf = (name: string): string | null =>
    model.value.services.find(({ snapshot, directory }) => snapshot.label === name && directory === detail.directory)
      ?.id ?? null;
  return (
    <Card title="Dependencies" note="left before right">
      <div
        class="graph"
        tabIndex={0}
        role="group"
        aria-label={`${harmless(detail.name)} ${harmless(words.join(" and "))}`}
      >
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
          <defs>
            <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M1 1 7 4 1 7" />
            </marker>
          </defs>
          {edges.map(({ path, problem }) => (
            <path key={path} class={problem === null ? "edge" : `edge ${problem}`} d={path} marker-end="url(#arrow)" />
          ))}
          {nodes.map((node) => {
            const id = idOf(node.name);
            const drawn = (
              <g
                class={`node ${node.state.replace(" ", "-")}${node.isCentre ? " centre" : ""}`}
                transform={`translate(${node.x} ${node.y})`}
              >
                <title>{`${harmless(node.name)}: ${node.state}`}</title>
                <rect width={node.width} height={node.height} rx="6" />
                <circle cx="13" cy={node.height / 2} r="3.5" />
                <text x="23" y={node.height / 2 + 4}>
                  {harmless(node.shown)}
                </text>
              </g>
            );
            return id === null || node.isCentre ? (
              drawn
            ) : (
              <a
                key={node.name}
                href={hashOf({ kind: "service", id })}
                aria-label={`${harmless(node.name)}: ${node.state}`}
              >
                {drawn}
              </a>
            );
          })}
        </svg>
      </div>
    </Card>
  );
}

function inWords(neighbours: readonly Neighbour[]): string {
  return neighbours.map(({ name, state }) => `${name} (${state})`).join(", ");
}
