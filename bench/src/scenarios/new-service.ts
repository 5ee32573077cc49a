import { setTimeout as sleep } from "node:timers/promises";

import { Trial } from "../trial/trial.ts";
import { bothBuilds, type Scenario } from "./scenario.ts";

const metric = "new service to start";
/** Longest pause, in ms, before each new service. */
const longestPause = 2500;

/** From renaming a service directory into the scan directory until its `./run` announces itself. */
export const newService: Scenario = {
  name: "new-service",
  title: "New service directory to start",
  mostRounds: 3,
  rows: [{ metric, label: "median", unit: "ms", statistic: "median", budget: bothBuilds(50) }],
  async measure(suite, { isQuick }) {
    await using trial = await Trial.running(suite, 1);
    const names = Array.from({ length: isQuick ? 2 : 5 }, (_, index) => `new${index}`);
    const starts: { readonly start: Promise<number>; readonly publishedAt: number }[] = [];
    for (const name of names) {
      // Polling suites answer according to when in their period it comes, so it must come at any time in it;
      // waiting for the start first would tie each service to the poll that found the one before.
      await sleep(200 + Math.random() * longestPause);
      const publish = await suite.prepare(trial.tree, name, trial.environment);
      const start = trial.nextStart(name);
      starts.push({ start, publishedAt: performance.now() });
      await publish();
    }
    const samples: number[] = [];
    for (const { start, publishedAt } of starts) samples.push((await start) - publishedAt);
    await sleep(100);
    trial.verifyStarts(() => 1);
    return { [metric]: samples };
  },
};
