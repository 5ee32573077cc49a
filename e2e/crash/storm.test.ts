/*
 * A short storm, as `npm run storm` makes a long one: kills, stops, commands and changed entries at random, and afterwards
 * each service is as it should be, has never run twice, and its log lacks no line.
 *
 * A failure names its seed as `chance`, and all that was done. `npm run storm -- --seed N` decides the same once more.
 */
import { Chance } from "../rig/core/chance.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { inline, node, ourSuites } from "../rig/core/suites.ts";
import { storm } from "../rig/storm/storm.ts";

const suites = ourSuites.filter((suite) => suite !== node);

for (const [what, seed] of [
  ["the same as ever", 2274609078],
  ["another one each time", undefined],
] as const) {
  rigTest(`a storm leaves all services as they should be: ${what}`, suites, async (rig) => {
    await storm(rig, {
      kind: { hasRunsv: rig.suite !== inline, services: 10, acts: 40 },
      words: ["--orderly", "--stop-timeout", "60"],
      numbers: new Chance(rig, seed),
      duration: 20_000,
      // Other tests run beside it.
      patience: 10_000,
    });
  });
}
