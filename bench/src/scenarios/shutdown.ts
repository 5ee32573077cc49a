import { setTimeout as sleep } from "node:timers/promises";

import { untilQuiet } from "../trial/context-switches.ts";
import { Trial } from "../trial/trial.ts";
import { bothBuilds, countOf, type Scenario, sizes } from "./scenario.ts";

const metric = (size: number): string => `shutdown, ${countOf(size)}`;

/** From the signal until all supervisors and all services are gone. */
export const shutdown: Scenario = {
  name: "shutdown",
  title: "Shutdown, until all processes are gone",
  rows: sizes.map((size) => ({
    metric: metric(size),
    label: countOf(size),
    unit: "ms",
    statistic: "median",
    ...(size === 100 && { budget: bothBuilds(300) }),
  })),
  async measure(suite) {
    const samples: Record<string, number[]> = {};
    for (const size of sizes) {
      await using trial = await Trial.running(suite, size);
      await sleep(1200); // runit's runsv lets a service that ends sooner wait, also to be gone.
      await untilQuiet(trial.supervisors());
      samples[metric(size)] = [await trial.stop()];
      trial.verifyStarts(() => 1);
    }
    return samples;
  },
};
