import { setTimeout as sleep } from "node:timers/promises";

import { bothBuilds, inlineToo, type Scenario } from "../scenario.ts";
import type { Suite } from "../suites.ts";
import { Trial } from "../trial/trial.ts";

/** Numbers of services at which start, memory and shutdown are measured. */
export const sizes: readonly number[] = [1, 10, 100];

/** "1 service", "10 services". */
export function countOf(services: number): string {
  return `${services} service${services === 1 ? "" : "s"}`;
}

/** The budget of a start with all services in one process, in ms. */
const coldLimits: Readonly<Record<number, number>> = { 1: 50, 10: 65, 100: 200 };

/** From starting the suite until the last run script has announced itself. */
export const coldStart: Scenario<Suite> = {
  name: "cold-start",
  title: "Cold start, until all services run",
  rows: sizes.map((size) => ({
    metric: `cold start, ${countOf(size)}`,
    label: countOf(size),
    unit: "ms",
    budget: inlineToo(size === 100 ? bothBuilds(1200) : null, coldLimits[size]),
  })),
  async measure(suite) {
    const samples: Record<string, number[]> = {};
    for (const size of sizes) {
      await using trial = new Trial(suite, size);
      const startedAt = trial.start();
      const allStartedAt = await trial.allStarted();
      samples[`cold start, ${countOf(size)}`] = [allStartedAt - startedAt];
      await sleep(100); // A second start of a service would show by then.
      trial.verifyStarts(() => 1);
    }
    return samples;
  },
};

const metric = "new service to start";
/** Longest pause, in ms, before each new service. */
const longestPause = 2500;

/** From renaming a service directory into the scan directory until its `./run` announces itself. */
export const newService: Scenario<Suite> = {
  name: "new-service",
  title: "New service directory to start",
  mostRounds: 3,
  rows: [{ metric, label: "median", unit: "ms", budget: inlineToo(bothBuilds(50), 20) }],
  async measure(suite, isQuick) {
    await using trial = await Trial.running(suite, 1);
    const starts: { readonly start: Promise<number>; readonly publishedAt: number }[] = [];
    for (let index = 0; index < (isQuick ? 2 : 5); index++) {
      // A suite that polls answers according to when in its period the directory comes, so it must come at any time. If
      // this waited for the start first, each service would be tied to the poll that found the one before.
      await sleep(200 + Math.random() * longestPause);
      const publish = suite.prepare(trial.tree, `new${index}`);
      const start = trial.nextStart(`new${index}`);
      starts.push({ start, publishedAt: performance.now() });
      await publish(trial.environment);
    }
    const samples: number[] = [];
    for (const { start, publishedAt } of starts) samples.push((await start) - publishedAt);
    await sleep(100);
    trial.verifyStarts(() => 1);
    return { [metric]: samples };
  },
};
