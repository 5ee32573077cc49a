import { setTimeout as sleep } from "node:timers/promises";

import { quantile } from "../results.ts";
import { bothBuilds, inlineToo, type Row, type Samples, type Scenario } from "../scenario.ts";
import { isOurs, type Suite } from "../suites.ts";
import { SleepingContainer } from "../trial/container.ts";
import { memoryOf, switchesIn30s, untilQuiet } from "../trial/processes.ts";
import { Trial } from "../trial/trial.ts";
import { countOf, sizes } from "./start.ts";

/** What is counted: PSS shares out common pages, private ones have no other user, and written ones are no file's. */
const kinds = { pss: "PSS", private: "private", written: "written" } as const;
type Kind = keyof typeof kinds;
const kindNames = Object.keys(kinds) as readonly Kind[];

const total = (kind: Kind, size: number): string => `memory, ${countOf(size)}, ${kind}`;
const each = (kind: Kind, size: number): string => `${total(kind, size)}, for each`;
const oneSupervisor = "memory, one service supervisor of 10";
/** What the kernel goes by when memory runs out. */
const largest = (size: number): string => `memory, largest supervisor of ${size}, resident`;

/** Budgets with all services in one process, in MB. */
const inlineLimits: Readonly<Record<string, number>> = {
  [total("written", 1)]: 5,
  [total("written", 10)]: 6,
  [total("written", 100)]: 9,
  [total("private", 10)]: 16,
  [total("private", 100)]: 19,
  [largest(100)]: 25,
};
const nodeLimits: Readonly<Record<string, number>> = { [total("private", 100)]: 60 };

const inlineBudget = (metric: string): Pick<Row, "budget"> => ({
  budget: inlineToo(null, inlineLimits[metric], nodeLimits[metric]),
});

/** Time in ms in which a supervisor comes to rest: it gives back what its start has needed. */
const restingTime = 15_000;

/** Memory of the supervisors when nothing happens, without the services. */
export const memory: Scenario<Suite> = {
  name: "memory",
  title: "Memory of the supervisors, idle",
  mostRounds: 2,
  rows: [
    ...sizes.flatMap((size) => kindNames.flatMap((kind) => memoryRows(kind, size))),
    {
      metric: oneSupervisor,
      label: "one service supervisor of 10, private",
      unit: "MB",
      budget: { atMost: { standalone: 4, node: 14 } },
    },
    ...[10, 100].map((size): Row => {
      const label = `largest supervisor of ${size}, resident`;
      return { metric: largest(size), label, unit: "MB", ...inlineBudget(largest(size)) };
    }),
  ],
  async measure(suite, isQuick) {
    const samples: Record<string, readonly number[]> = {};
    for (const size of sizes) {
      await using trial = await Trial.running(suite, size);
      await sleep(isQuick ? 0 : restingTime);
      await untilQuiet(trial.supervisors(), isQuick ? 2000 : 10_000);
      Object.assign(samples, memorySamples(trial.supervisors(), size));
    }
    return samples;
  },
};

function memoryRows(kind: Kind, size: number): readonly Row[] {
  const metric = total(kind, size);
  const all: Row = { metric, label: `${countOf(size)}, ${kinds[kind]}`, unit: "MB", ...inlineBudget(metric) };
  return size === 1 ? [all] : [all, { metric: each(kind, size), label: "  for each service", unit: "kB" }];
}

function memorySamples(supervisors: readonly number[], size: number): Samples {
  const memories = supervisors.map(memoryOf);
  const samples: Record<string, readonly number[]> = {};
  for (const kind of kindNames) {
    const sum = memories.reduce((before, one) => before + one[kind], 0);
    samples[total(kind, size)] = [sum / 1024];
    if (size > 1) samples[each(kind, size)] = [sum / size];
  }
  samples[largest(size)] = [Math.max(...memories.map((one) => one.rss)) / 1024];
  const [, ...ofServices] = memories;
  // Some are one process for all.
  if (size === 10 && ofServices.length > 0) {
    const middle = quantile(
      ofServices.map((one) => one.private),
      0.5,
    );
    samples[oneSupervisor] = [middle / 1024];
  }
  return samples;
}

const ofScanner = "idle, scanner";
const ofServices = "idle, service supervisors";
const ofInit = "idle, my_init";

/** How often the supervisors wake up while nothing happens. */
export const idle: Scenario<Suite> = {
  name: "idle",
  title: "Idle: context switches in 30 s, 10 services",
  mostRounds: 2,
  isParallel: true,
  rows: [
    { metric: ofServices, label: "service supervisors, together", budget: bothBuilds(0) },
    { metric: ofScanner, label: "scanner, with its rescans" },
    { metric: ofInit, label: "my_init, with a main command", budget: bothBuilds(0) },
  ],
  async measure(suite, isQuick) {
    await using trial = await Trial.running(suite, 10);
    // Only our builds have one, and only root can make it a process 1.
    const hasInit = isOurs(suite) && process.getuid?.() === 0;
    await using container = hasInit ? new SleepingContainer(suite) : null;
    const init = container === null ? [] : [await container.initPid()];
    const processes = trial.supervisors();
    // For that long after the start, threads of a runtime clean up, and end.
    await sleep(isQuick ? 0 : 40_000);
    await untilQuiet([...processes, ...init]);
    const groups = { [ofScanner]: processes.slice(0, 1), [ofServices]: processes.slice(1), [ofInit]: init };
    const samples = await Promise.all(
      Object.entries(groups)
        // Some are one process for all; only our builds have my_init.
        .filter(([, group]) => group.length > 0)
        .map(async ([metric, group]) => [metric, [await switchesIn30s(group, isQuick ? 6 : 30)]] as const),
    );
    trial.verifyStarts(() => 1);
    return Object.fromEntries(samples);
  },
};
