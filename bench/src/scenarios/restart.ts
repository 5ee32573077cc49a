import { setTimeout as sleep } from "node:timers/promises";

import { Trial } from "../trial/trial.ts";
import { bothBuilds, type Scenario } from "./scenario.ts";

const lag = "restart, confirmed after the new start";
const whole = "restart, whole command";
/** Services that are restarted one after the other. */
const services = 5;

/** The command that restarts a service and returns when it is up again. */
export const restart: Scenario = {
  name: "restart",
  title: "Restart command, waiting for the service",
  rows: [
    { metric: lag, label: "new start to return", unit: "ms", statistic: "median", budget: bothBuilds(20) },
    { metric: whole, label: "whole command", unit: "ms", statistic: "median" },
  ],
  async measure(suite) {
    await using trial = await Trial.running(suite, services);
    await sleep(1200); // Sooner the restart would be made to wait as a crash.
    const samples = { [lag]: [] as number[], [whole]: [] as number[] };
    for (const name of trial.names) {
      const next = trial.nextStart(name);
      const [{ startedAt, endedAt }, newStart] = await Promise.all([trial.run(suite.restart(trial.tree, name)), next]);
      samples[lag]?.push(endedAt - newStart);
      samples[whole]?.push(endedAt - startedAt);
    }
    trial.verifyStarts(() => 2);
    return samples;
  },
};
