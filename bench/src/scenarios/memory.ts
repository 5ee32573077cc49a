import { untilQuiet } from "../trial/context-switches.ts";
import { memoryOf, memoryOfAll } from "../trial/memory.ts";
import { Trial } from "../trial/trial.ts";
import { median } from "../statistics.ts";
import { countOf, type Row, type Samples, type Scenario, sizes } from "./scenario.ts";

const supervisorMetric = "memory, one service supervisor of 10";

/** What the supervisors take when nothing happens, without the services. */
export const memory: Scenario = {
  name: "memory",
  title: "Memory of the supervisors, idle",
  mostRounds: 2,
  rows: [
    ...sizes.flatMap(rowsOf),
    {
      metric: supervisorMetric,
      label: "one service supervisor of 10, private",
      unit: "MB",
      statistic: "median",
      budget: { atMost: { standalone: 4, node: 14 } },
    },
  ],
  async measure(suite, { isQuick }) {
    const samples: Record<string, readonly number[]> = {};
    for (const size of sizes) {
      await using trial = await Trial.running(suite, size);
      await untilQuiet(trial.supervisors(), isQuick ? 2000 : 10_000);
      Object.assign(samples, measureSize(trial.supervisors(), size));
    }
    return samples;
  },
};

function rowsOf(size: number): readonly Row[] {
  const kinds = [
    { key: "pss", kind: "PSS" },
    { key: "private", kind: "private" },
  ];
  return kinds.flatMap(({ key, kind }): Row[] => [
    { metric: total(key, size), label: `${countOf(size)}, ${kind}`, unit: "MB", statistic: "median" },
    ...(size === 1
      ? []
      : [{ metric: each(key, size), label: "  for each service", unit: "kB", statistic: "median" } as const]),
  ]);
}

function total(kind: string, size: number): string {
  return `memory, ${countOf(size)}, ${kind}`;
}

function each(kind: string, size: number): string {
  return `${total(kind, size)}, for each`;
}

function measureSize(supervisors: readonly number[], size: number): Samples {
  const sum = memoryOfAll(supervisors);
  const [, ...ofServices] = supervisors;
  return {
    [total("pss", size)]: [sum.pss / 1024],
    [total("private", size)]: [sum.private / 1024],
    ...(size > 1 && { [each("pss", size)]: [sum.pss / size], [each("private", size)]: [sum.private / size] }),
    // supervisord is one process for all.
    ...(size === 10 &&
      ofServices.length > 0 && {
        [supervisorMetric]: [median(ofServices.map((pid) => memoryOf(pid).private)) / 1024],
      }),
  };
}
