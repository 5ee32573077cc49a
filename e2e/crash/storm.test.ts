/*
 * Much happens to many services at random moments: nothing runs twice, all comes up again in time, no line is lost.
 * `npm run storm` does the same for longer: see CONTRIBUTING.md.
 */
import { Chance } from "../rig/core/chance.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { standalone } from "../rig/core/suites.ts";
import { storm } from "../rig/storm/storm.ts";

const orderly = ["--orderly", "--stop-timeout", "60"] as const;

for (const [what, words, hasRunsv] of [
  ["engines in runsvdir", ["--inline"], false],
  ["a runsv for each service", [], true],
] as const) {
  rigTest(`a storm leaves services as they are wanted, with ${what}`, [standalone], async (rig) => {
    const kind = { hasRunsv, services: 12, acts: 20 };
    await storm(rig, { kind, words: [...words, ...orderly], numbers: new Chance(rig), duration: 15_000 });
  });
}
