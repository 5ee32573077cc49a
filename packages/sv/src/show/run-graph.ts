import { stateInAWord } from "@upkeep/client/core/picture";
import { takeOwnSnapshot } from "@upkeep/client/look/snapshot";
import type { Service } from "@upkeep/client/service/client";
import { harmless, harmlessJson } from "@upkeep/program/core/one-line";
import { writeText } from "@upkeep/program/messages/output";

import { type GraphFormat, renderGraph } from "../core/graph.ts";
import { withNeeds } from "./with-needs.ts";
import { looking } from "./console.ts";

/** `sv graph`: who waits for whom; also what the services need that were not named. Returns the exit code. */
export function runGraph(services: readonly Service[], format: GraphFormat): number {
  const nodes = withNeeds(services).map(({ name, service, needs }) => {
    return { name, state: stateInAWord(takeOwnSnapshot(service, looking)), needs };
  });
  const mend = format === "json" ? harmlessJson : harmless;
  const lines = renderGraph(nodes, format).map((line) => `${mend(line)}\n`);
  writeText(1, lines.join(""));
  return 0;
}
