import { setTimeout as sleep } from "node:timers/promises";

import { countSwitches, switchesBetween, untilQuiet } from "../trial/context-switches.ts";
import { SleepingContainer } from "../trial/container.ts";
import { Trial } from "../trial/trial.ts";
import { bothBuilds, type Scenario } from "./scenario.ts";

const ofScanner = "idle, scanner";
const ofServices = "idle, service supervisors";
const ofInit = "idle, my_init";
const services = 10;

/** How often the supervisors wake up while nothing happens. */
export const idle: Scenario = {
  name: "idle",
  title: `Idle: context switches in 30 s, ${services} services`,
  mostRounds: 2,
  isParallel: true,
  rows: [
    {
      metric: ofServices,
      label: "service supervisors, together",
      unit: "",
      statistic: "median",
      budget: bothBuilds(0),
    },
    { metric: ofScanner, label: "scanner, with its rescans", unit: "", statistic: "median" },
    { metric: ofInit, label: "my_init, with a main command", unit: "", statistic: "median", budget: bothBuilds(0) },
  ],
  async measure(suite, { isQuick }) {
    await using trial = await Trial.running(suite, services);
    // Only ours have one, and only root can make it a process 1.
    const hasInit = suite.package === null && process.getuid?.() === 0;
    await using container = hasInit ? await SleepingContainer.start(suite) : null;
    const init = container === null ? [] : [container.init];
    const processes = trial.supervisors();
    // For that long after the start a runtime's threads tidy up, and end.
    await sleep(isQuick ? 0 : 40_000);
    await untilQuiet([...processes, ...init]);
    const [scanner, ...supervisors] = processes;
    const groups = { [ofScanner]: scanner === undefined ? [] : [scanner], [ofServices]: supervisors, [ofInit]: init };
    const before = Object.values(groups).map(countSwitches);
    const seconds = isQuick ? 6 : 30;
    await sleep(seconds * 1000);
    const samples: Record<string, readonly number[]> = {};
    for (const [index, [metric, group]] of Object.entries(groups).entries()) {
      // supervisord is one process for all; nobody else has a my_init.
      if (group.length === 0) continue;
      const switches = switchesBetween(before[index] ?? new Map(), countSwitches(group));
      samples[metric] = [(switches * 30) / seconds];
    }
    trial.verifyStarts(() => 1);
    return samples;
  },
};
