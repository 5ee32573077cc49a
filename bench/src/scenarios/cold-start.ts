import { setTimeout as sleep } from "node:timers/promises";

import { Trial } from "../trial/trial.ts";
import { bothBuilds, countOf, type Scenario, sizes } from "./scenario.ts";

const metric = (size: number): string => `cold start, ${countOf(size)}`;

/** From starting the suite until the last run script has announced itself. */
export const coldStart: Scenario = {
  name: "cold-start",
  title: "Cold start, until all services run",
  rows: sizes.map((size) => ({
    metric: metric(size),
    label: countOf(size),
    unit: "ms",
    statistic: "median",
    ...(size === 100 && { budget: bothBuilds(1200) }),
  })),
  async measure(suite) {
    const samples: Record<string, number[]> = {};
    for (const size of sizes) {
      await using trial = await Trial.layOut(suite, size);
      const startedAt = trial.start();
      const allStartedAt = await trial.allStarted();
      samples[metric(size)] = [allStartedAt - startedAt];
      await sleep(100); // A second start of a service would show by then.
      trial.verifyStarts(() => 1);
    }
    return samples;
  },
};
