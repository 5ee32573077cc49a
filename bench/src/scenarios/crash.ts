import { setTimeout as sleep } from "node:timers/promises";

import { kill } from "../trial/processes.ts";
import { Trial } from "../trial/trial.ts";
import { bothBuilds, type Scenario } from "./scenario.ts";

const metric = "crash to next start";
/** Services that are killed one after the other. */
const services = 20;
/** Uptime in ms above which no suite makes a crashed service wait as one that fails at once. */
const settledAfter = 1200;
/** For how long, in ms, to go on killing: s6 and supervisord take a second for each. */
const patience = 4000;

/** From KILL for a service that has been up for a while until its next `./run` announces itself. */
export const crash: Scenario = {
  name: "crash",
  title: "Crash to next start, after an uptime above 1 s",
  rows: [
    { metric, label: "median", unit: "ms", statistic: "median", budget: bothBuilds(5) },
    { metric, label: "99th percentile", unit: "ms", statistic: "p99" },
  ],
  async measure(suite) {
    await using trial = await Trial.running(suite, services);
    await sleep(settledAfter);
    const samples: number[] = [];
    const killed = new Set<string>();
    const end = performance.now() + patience;
    for (const name of trial.names) {
      if (performance.now() > end) break;
      const next = trial.nextStart(name);
      const killedAt = performance.now();
      kill(trial.pidOf(name), "SIGKILL");
      samples.push((await next) - killedAt);
      killed.add(name);
      await sleep(10);
    }
    trial.verifyStarts((name) => (killed.has(name) ? 2 : 1));
    return { [metric]: samples };
  },
};
