import { harmless, harmlessJson } from "@upkeep/program/core/one-line";
import { writeText } from "@upkeep/program/messages/output";

import { type GraphFormat, renderGraph } from "../core/graph.ts";
import { stateInAWord } from "../core/picture.ts";
import type { Service } from "../service/client.ts";
import { takeOwnSnapshot } from "./snapshot.ts";
import { withNeeds } from "./with-needs.ts";

/** `sv graph`: who waits for whom; also what the services need that were not named. Returns the exit code. */
export function runGraph(services: readonly Service[], format: GraphFormat): number {
  const nodes = withNeeds(services).map(({ name, service, needs }) => {
    return { name, state: stateInAWord(takeOwnSnapshot(service)), needs };
  });
  const mend = format === "json" ? harmlessJson : harmless;
  const lines = renderGraph(nodes, format).map((line) => `${mend(line)}\n`);
  writeText(1, lines.join(""));
  return 0;
}
