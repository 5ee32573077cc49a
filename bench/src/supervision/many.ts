import { closeSync, constants, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { inlineToo, type Row, type Samples, type Scenario } from "../scenario.ts";
import { isOurs, type Suite } from "../suites.ts";
import { memoryOf, switchesIn30s, untilQuiet } from "../trial/processes.ts";
import { Trial } from "../trial/trial.ts";
import { countOf } from "./start.ts";

/** Numbers of services for the curves. */
export const curveSizes: readonly number[] = [1, 3, 10, 30, 100, 300, 1000, 3000];

export const curveMetric = {
  start: (size: number): string => `many, cold start, ${countOf(size)}`,
  memory: (size: number): string => `many, memory, ${countOf(size)}`,
};
const listing = (size: number): string => `many, list of ${size}`;
const listCalls = 15;

/** Time in ms in which supervisors come to rest. Ours give back what their start has needed. */
const restOf = (suite: Suite): number => (isOurs(suite) ? 15_000 : 2000);
const quickSize = 100;

/** How start and memory grow with the number of services. */
export const many: Scenario<Suite> = {
  name: "many",
  title: "From 1 to 3000 services: cold start, and memory that is written",
  mostRounds: 1,
  rows: [
    ...curveSizes.map((size): Row => {
      const row = { metric: curveMetric.start(size), label: `cold start, ${countOf(size)}`, unit: "ms" } as const;
      return size === 1000 ? { ...row, budget: { timesReference: 1.5, builds: ["standalone-inline"] } } : row;
    }),
    ...curveSizes.map((size): Row => {
      const limits: Readonly<Record<number, number>> = { 1000: 35, 3000: 110 };
      const budget = inlineToo(null, limits[size]);
      return { metric: curveMetric.memory(size), label: `written memory, ${countOf(size)}`, unit: "MB", budget };
    }),
    { metric: listing(1000), label: "sv list of 1000", unit: "ms", budget: inlineToo(null, 60) },
    { metric: listing(3000), label: "sv list of 3000", unit: "ms" },
  ],
  async measure(suite, isQuick) {
    const samples: Record<string, readonly number[]> = {};
    for (const size of curveSizes.filter((one) => one <= (isQuick ? quickSize : suite.most))) {
      await using trial = new Trial(suite, size);
      const startedAt = trial.start();
      samples[curveMetric.start(size)] = [(await trial.allStarted()) - startedAt];
      await sleep(isQuick ? 0 : restOf(suite));
      await untilQuiet(trial.supervisors());
      const written = trial.supervisors().reduce((sum, pid) => sum + memoryOf(pid).written, 0);
      samples[curveMetric.memory(size)] = [written / 1024];
      if (size >= 1000 && isOurs(suite)) {
        samples[listing(size)] = await listTimes(trial);
      }
      trial.verifyStarts(() => 1);
    }
    return samples;
  },
};

/** How long each of some calls took: the first ones find nothing in the caches of the processor and of the kernel. */
async function listTimes(trial: Trial): Promise<readonly number[]> {
  const [, , sv = "sv"] = trial.suite.programs;
  const times: number[] = [];
  while (times.length < listCalls) times.push((await trial.run([sv, "list"])).ms);
  return times;
}

const adoption = "thousand, adopted";
const wakeups = "thousand, wake-ups";
const stopped = "thousand, shutdown";

/** What a thousand services are like: at rest, after the supervisor was killed, and at the end. */
export const thousand: Scenario<Suite> = {
  name: "thousand",
  title: "1000 services in one process",
  mostRounds: 2,
  rows: [
    { metric: wakeups, label: "idle: context switches in 30 s" },
    {
      metric: adoption,
      label: "killed and started again, until all are adopted",
      unit: "ms",
      budget: inlineToo(null, 1000),
    },
    { metric: stopped, label: "shutdown, until all processes are gone", unit: "ms", budget: inlineToo(null, 300) },
  ],
  async measure(suite, isQuick) {
    const size = isQuick ? quickSize : 1000;
    if (suite.most < size) return {};
    await using trial = await Trial.running(suite, size);
    await sleep(isQuick ? 0 : restOf(suite));
    await untilQuiet(trial.supervisors());
    return {
      [wakeups]: [await switchesIn30s(trial.supervisors(), isQuick ? 6 : 30)],
      ...(suite.name.endsWith("-inline") ? await adoptionBy(trial) : {}),
      [stopped]: [await trial.stop()],
    };
  },
};

/** Kills the supervisor of all services, starts it again, and waits until it listens for commands to each of them. */
async function adoptionBy(trial: Trial): Promise<Samples> {
  const startedAt = await trial.restartRoot();
  const end = startedAt + 60_000;
  for (const name of trial.names) {
    while (!isListening(join(trial.tree.service(name), "supervise", "control"))) {
      if (performance.now() > end) throw new Error(`${name} is not adopted`);
      await sleep(1);
    }
  }
  const took = performance.now() - startedAt;
  await sleep(1000); // A second start of a service would show by then.
  trial.verifyStarts(() => 1);
  return { [adoption]: [took] };
}

/** Whether somebody reads the FIFO. */
function isListening(fifo: string): boolean {
  try {
    closeSync(openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK));
    return true;
  } catch {
    return false;
  }
}
