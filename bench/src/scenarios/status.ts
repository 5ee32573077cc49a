import { setTimeout as sleep } from "node:timers/promises";

import { untilQuiet } from "../trial/context-switches.ts";
import { Trial } from "../trial/trial.ts";
import { countOf, type Scenario } from "./scenario.ts";

const services = 100;
const metric = (count: number): string => `status of ${countOf(count)}`;

/** The command that reports on one and on all of 100 services. */
export const status: Scenario = {
  name: "status",
  title: "Status command",
  rows: [
    { metric: metric(1), label: countOf(1), unit: "ms", statistic: "median", budget: { atMost: { standalone: 10 } } },
    { metric: metric(services), label: countOf(services), unit: "ms", statistic: "median" },
  ],
  async measure(suite, { isQuick }) {
    await using trial = await Trial.running(suite, services);
    await sleep(1500); // supervisord reports a program as starting for the first second.
    await untilQuiet(trial.supervisors());
    const samples: Record<string, readonly number[]> = {};
    for (const count of [1, services]) {
      samples[metric(count)] = [await measureStatus(trial, trial.names.slice(0, count), isQuick ? 3 : 10)];
    }
    return samples;
  },
};

/** Mean duration of a call, of so many in a row: starting one from here takes longer than runit's sv does. */
async function measureStatus(trial: Trial, names: readonly string[], calls: number): Promise<number> {
  const { suite, tree } = trial;
  const { file, args } = suite.status(tree, names);
  const loop = `i=0; while [ $i -lt ${calls} ]; do "$@"; i=$((i + 1)); done`;
  const { startedAt, endedAt, stdout } = await trial.run({ file: "/bin/sh", args: ["-c", loop, "sh", file, ...args] });
  const running = stdout.split("\n").filter((line) => suite.runningMark.test(line)).length;
  const expected = names.length * calls;
  if (running !== expected) throw new Error(`status reports ${running} of ${expected} services as running`);
  return (endedAt - startedAt) / calls;
}
