import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { bothBuilds, inlineToo, type Samples, type Scenario } from "../scenario.ts";
import { isOurs, type Suite } from "../suites.ts";
import { repeated } from "../trial/command.ts";
import { kill, untilQuiet } from "../trial/processes.ts";
import { Trial } from "../trial/trial.ts";
import { countOf, sizes } from "./start.ts";

/** Uptime in ms after which no suite delays the next start. */
const settledAfter = 1200;

const crashMetric = "crash to next start";
/** For how long, in ms, to go on killing: s6 and supervisord take a second for each. */
const patience = 4000;

/** From KILL for a service that has been up for a while until its next `./run` announces itself; up to 20 services. */
export const crash: Scenario<Suite> = {
  name: "crash",
  title: "Crash to next start, after an uptime above 1 s",
  rows: [
    { metric: crashMetric, label: "median", unit: "ms", budget: inlineToo(bothBuilds(5), 2.5) },
    { metric: crashMetric, label: "99th percentile", unit: "ms", statistic: "p99" },
  ],
  async measure(suite) {
    await using trial = await Trial.running(suite, 20);
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
    return { [crashMetric]: samples };
  },
};

/** What is measured of a restart, with the words that its metrics begin with. */
const [declared, undeclared] = ["restart, readiness declared", "restart"] as const;
const lag = (kind: string): string => `${kind}, confirmed after the new start`;
const whole = (kind: string): string => `${kind}, whole command`;

/** The command that restarts a service and returns when it is up again, for five services in a row. */
export const restart: Scenario<Suite> = {
  name: "restart",
  title: "Restart command, waiting for the service",
  rows: [
    { metric: lag(declared), label: "declares readiness: ready to return", unit: "ms", budget: bothBuilds(20) },
    {
      metric: whole(declared),
      label: "declares readiness: whole command",
      unit: "ms",
      budget: inlineToo({ atMost: { standalone: 15 } }, 15),
    },
    { metric: lag(undeclared), label: "declares nothing: new start to return", unit: "ms" },
    {
      metric: whole(undeclared),
      label: "declares nothing: whole command",
      unit: "ms",
      budget: { atMost: { standalone: 120 } },
    },
  ],
  async measure(suite) {
    const samples = await restartEach(new Trial(suite, 5), undeclared);
    if (!isOurs(suite)) return samples;
    const trial = new Trial(suite, 5, ({ never }) => `echo >&3\nread -r _ <${never}`);
    for (const name of trial.names) writeFileSync(join(trial.tree.service(name), "notification-fd"), "3\n");
    trial.tree.makeOld();
    return { ...samples, ...(await restartEach(trial, declared)) };
  },
};

async function restartEach(prepared: Trial, kind: string): Promise<Samples> {
  await using trial = prepared;
  trial.start();
  await trial.allStarted();
  await sleep(settledAfter);
  const lags: number[] = [];
  const wholes: number[] = [];
  for (const name of trial.names) {
    const next = trial.nextStart(name);
    const [{ endedAt, ms }, newStart] = await Promise.all([trial.run(trial.suite.restart(trial.tree, name)), next]);
    lags.push(endedAt - newStart);
    wholes.push(ms);
  }
  trial.verifyStarts(() => 2);
  return { [lag(kind)]: lags, [whole(kind)]: wholes };
}

/** The command that reports on one and on all of 100 services: the mean of some calls in a row. */
export const status: Scenario<Suite> = {
  name: "status",
  title: "Status command",
  rows: [
    { metric: "status of 1 service", label: countOf(1), unit: "ms", budget: { atMost: { standalone: 10 } } },
    { metric: "status of 100 services", label: countOf(100), unit: "ms" },
  ],
  async measure(suite, isQuick) {
    await using trial = await Trial.running(suite, 100);
    await sleep(1500); // supervisord reports a program as starting for the first second.
    await untilQuiet(trial.supervisors());
    const calls = isQuick ? 3 : 10;
    const samples: Record<string, number[]> = {};
    for (const count of [1, 100]) {
      const command = suite.status(trial.tree, trial.names.slice(0, count));
      const { ms, stdout } = await trial.run(repeated(calls, command));
      const running = stdout.split("\n").filter((line) => suite.runningMark.test(line)).length;
      if (running !== count * calls)
        throw new Error(`status reports ${running} of ${count * calls} services as running`);
      samples[`status of ${countOf(count)}`] = [ms / calls];
    }
    return samples;
  },
};

/** From the signal until all supervisors and all services are gone. */
export const shutdown: Scenario<Suite> = {
  name: "shutdown",
  title: "Shutdown, until all processes are gone",
  rows: sizes.map((size) => ({
    metric: `shutdown, ${countOf(size)}`,
    label: countOf(size),
    unit: "ms",
    ...(size === 100 && { budget: inlineToo(bothBuilds(300), 40) }),
  })),
  async measure(suite) {
    const samples: Record<string, number[]> = {};
    for (const size of sizes) {
      await using trial = await Trial.running(suite, size);
      await sleep(settledAfter); // Sooner, runit's runsv would delay its own end, too.
      await untilQuiet(trial.supervisors());
      samples[`shutdown, ${countOf(size)}`] = [await trial.stop()];
      trial.verifyStarts(() => 1);
    }
    return samples;
  },
};
