import { setTimeout as sleep } from "node:timers/promises";

import { quantile } from "../results.ts";
import { bothBuilds, type Row, type Samples, type Scenario } from "../scenario.ts";
import type { Suite } from "../suites.ts";
import { SleepingContainer } from "../trial/container.ts";
import { countSwitches, memoryOf, switchesBetween, untilQuiet } from "../trial/processes.ts";
import { Trial } from "../trial/trial.ts";
import { countOf, sizes } from "./start.ts";

const kinds = ["pss", "private"] as const;
const total = (kind: string, size: number): string => `memory, ${countOf(size)}, ${kind}`;
const each = (kind: string, size: number): string => `${total(kind, size)}, for each`;
const oneSupervisor = "memory, one service supervisor of 10";
/** What the kernel goes by when memory runs out. */
const largest = "memory, largest supervisor of 10, resident";

/** Memory of the supervisors when nothing happens, without the services. */
export const memory: Scenario<Suite> = {
  name: "memory",
  title: "Memory of the supervisors, idle",
  mostRounds: 2,
  rows: [
    ...sizes.flatMap((size) => kinds.flatMap((kind) => memoryRows(kind, size))),
    {
      metric: oneSupervisor,
      label: "one service supervisor of 10, private",
      unit: "MB",
      budget: { atMost: { standalone: 4, node: 14 } },
    },
    { metric: largest, label: "largest supervisor of 10, resident", unit: "MB" },
  ],
  async measure(suite, isQuick) {
    const samples: Record<string, readonly number[]> = {};
    for (const size of sizes) {
      await using trial = await Trial.running(suite, size);
      await untilQuiet(trial.supervisors(), isQuick ? 2000 : 10_000);
      Object.assign(samples, memorySamples(trial.supervisors(), size));
    }
    return samples;
  },
};

function memoryRows(kind: "pss" | "private", size: number): readonly Row[] {
  const all: Row = {
    metric: total(kind, size),
    label: `${countOf(size)}, ${kind === "pss" ? "PSS" : kind}`,
    unit: "MB",
  };
  return size === 1 ? [all] : [all, { metric: each(kind, size), label: "  for each service", unit: "kB" }];
}

function memorySamples(supervisors: readonly number[], size: number): Samples {
  const memories = supervisors.map(memoryOf);
  const samples: Record<string, readonly number[]> = {};
  for (const kind of kinds) {
    const sum = memories.reduce((before, one) => before + one[kind], 0);
    samples[total(kind, size)] = [sum / 1024];
    if (size > 1) samples[each(kind, size)] = [sum / size];
  }
  if (size === 10) samples[largest] = [Math.max(...memories.map((one) => one.rss)) / 1024];
  const [, ...ofServices] = memories;
  // supervisord is one process for all.
  if (size === 10 && ofServices.length > 0) {
    samples[oneSupervisor] = [
      quantile(
        ofServices.map((one) => one.private),
        0.5,
      ) / 1024,
    ];
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
    const hasInit = suite.package === null && process.getuid?.() === 0;
    await using container = hasInit ? new SleepingContainer(suite) : null;
    const init = container === null ? [] : [await container.initPid()];
    const processes = trial.supervisors();
    // For that long after the start, threads of a runtime clean up, and end.
    await sleep(isQuick ? 0 : 40_000);
    await untilQuiet([...processes, ...init]);
    const groups = { [ofScanner]: processes.slice(0, 1), [ofServices]: processes.slice(1), [ofInit]: init };
    const watched = Object.entries(groups)
      // supervisord is one process for all; only our builds have my_init.
      .filter(([, group]) => group.length > 0)
      .map(([metric, group]) => ({ metric, group, before: countSwitches(group) }));
    const seconds = isQuick ? 6 : 30;
    await sleep(seconds * 1000);
    const samples = watched.map(({ metric, group, before }) => {
      return [metric, [(switchesBetween(before, countSwitches(group)) * 30) / seconds]] as const;
    });
    trial.verifyStarts(() => 1);
    return Object.fromEntries(samples);
  },
};
