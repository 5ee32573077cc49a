import { setTimeout as sleep } from "node:timers/promises";

import { type Stage, takeSample } from "./sample.ts";

/** What goes on while samples are taken. */
export interface Work {
  /** How much has been done so far. */
  done(): number;
  /** How much is to be done. */
  readonly total: number;
  /** The processes to look at. */
  readonly processes: readonly number[];
  /** On the clock of `performance.now()`: then it ends, however much has been done. */
  readonly end: number;
}

/** Standstill, in ms, after which the work counts as stuck. */
const patience = 30_000;

/** Takes samples now, at each quarter of the work, and at its end. */
export async function takeStages(work: Work): Promise<readonly Stage[]> {
  const startedAt = performance.now();
  const stages = [stage("start", work, startedAt)];
  for (const quarter of [1, 2, 3, 4]) {
    const isReached = await until((work.total * quarter) / 4, work);
    stages.push(stage(isReached ? `${quarter * 25} %` : "time is up", work, startedAt));
    if (!isReached) break;
  }
  return stages;
}

function stage(label: string, { done, processes }: Work, startedAt: number): Stage {
  const seconds = (performance.now() - startedAt) / 1000;
  return { label, count: done(), seconds, samples: processes.map(takeSample) };
}

async function until(count: number, { done, end }: Work): Promise<boolean> {
  let last = { count: done(), at: performance.now() };
  for (;;) {
    const now = performance.now();
    const current = done();
    if (current >= count) return true;
    if (now >= end) return false;
    if (current > last.count) last = { count: current, at: now };
    else if (now - last.at > patience) throw new Error(`stuck after ${current} of ${count}`);
    await sleep(50);
  }
}
