import { basename, dirname } from "node:path";

import { SystemError } from "@upkeep/linux/core/errno";
import { isThere } from "@upkeep/linux/fd/files";
import { harmless, harmlessJson } from "@upkeep/program/core/one-line";
import { writeText } from "@upkeep/program/messages/output";
import { listDependencies } from "@upkeep/service-directory/files/dependencies";

import { type GraphFormat, type GraphNode, renderGraph } from "../core/graph.ts";
import { stateInAWord } from "../core/picture.ts";
import type { Service } from "../service/client.ts";
import { warn } from "./console.ts";
import { takeOwnSnapshot } from "./snapshot.ts";

/** `sv graph`: who waits for whom; also what the services need that were not named. Returns the exit code. */
export function runGraph(services: readonly Service[], format: GraphFormat): number {
  const found = new Map(services.map((service) => [nameOf(service), service]));
  const nodes: GraphNode[] = [];
  // The loop also visits what it adds.
  for (const [name, service] of found) {
    const needs = needsOf(service);
    nodes.push({ name, state: stateInAWord(takeOwnSnapshot(service)), needs });
    const directory = service.path === null ? "" : dirname(service.path);
    for (const need of needs) {
      const path = `${directory}/${need}`;
      if (!found.has(need) && isThere(path)) found.set(need, { label: need, path });
    }
  }
  const mend = format === "json" ? harmlessJson : harmless;
  const lines = renderGraph(nodes, format).map((line) => `${mend(line)}\n`);
  writeText(1, lines.join(""));
  return 0;
}

/** By which others name it in `dependencies.d`. */
function nameOf({ label, path }: Service): string {
  return path === null ? label : basename(path);
}

function needsOf({ label, path }: Service): readonly string[] {
  try {
    return path === null ? [] : listDependencies(path).toSorted();
  } catch (error) {
    warn(`${label}: ${SystemError.from("read dependencies.d", error).message}`);
    return [];
  }
}
