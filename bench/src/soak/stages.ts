import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { columnsOf } from "../report/table.ts";
import { quantile } from "../results.ts";
import { memoryOf } from "../trial/processes.ts";

/** What goes on while samples are taken. */
export interface Work {
  /** How much has been done so far. */
  done(): number;
  /** How much there is to do. */
  readonly total: number;
  /** The processes of which samples are taken. */
  readonly processes: readonly number[];
  /** In ms: then it ends, however much has been done. */
  readonly longest: number;
  /** In ms: how long after the end one more sample is taken. What was garbage is gone by then. */
  readonly rest?: number;
}

/** What the processes take, after so much of the work has been done. */
export interface Stage {
  readonly label: string;
  readonly count: number;
  /** Since the first stage. */
  readonly seconds: number;
  readonly samples: readonly Sample[];
}

type Sample = Readonly<Record<(typeof columns)[number], number>>;

/** Time without progress, in ms, after which the work counts as stuck. */
const patience = 30_000;

/** Takes samples now, at each quarter of the work, and at its end. */
export async function takeStages(work: Work): Promise<readonly Stage[]> {
  const startedAt = performance.now();
  const end = startedAt + work.longest;
  const stage = (label: string): Stage => ({
    label,
    count: work.done(),
    seconds: (performance.now() - startedAt) / 1000,
    samples: work.processes.map(takeSample),
  });
  const stages = [stage("start")];
  for (const quarter of [1, 2, 3, 4]) {
    const isReached = await until((work.total * quarter) / 4, work, end);
    stages.push(stage(isReached ? `${quarter * 25} %` : "time is up"));
    if (!isReached) break;
  }
  if (work.rest === undefined) return stages;
  await sleep(work.rest);
  return [...stages, stage("at rest")];
}

/** Waits until so much has been done; false when the time is up before. */
async function until(count: number, { done }: Work, end: number): Promise<boolean> {
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

const columns = ["written", "private", "rss", "peak", "descriptors", "threads"] as const;
const headings = [
  "",
  "",
  "count",
  "seconds",
  "written kB",
  "private kB",
  "RSS kB",
  "peak kB",
  "descriptors",
  "threads",
];

/** What one process takes now; `peak` is the most that `rss` has ever been. */
function takeSample(pid: number): Sample {
  const { written, private: own, rss } = memoryOf(pid);
  return {
    written,
    private: own,
    rss,
    peak: Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
  };
}

/** The stages of some suites as a table; where there are many processes, the median and the most of them. */
export function renderStages(bySuite: ReadonlyMap<string, readonly Stage[]>): string {
  const lines = [...bySuite].flatMap(([suite, stages]) =>
    stages.map(({ label, count, seconds, samples }, index) => [
      index === 0 ? suite : "",
      label,
      count.toLocaleString("en"),
      seconds.toFixed(1),
      ...columns.map((column) => renderRange(samples.map((sample) => sample[column]))),
    ]),
  );
  const widths = columnsOf([headings, ...lines]);
  const pad = (cell: string, column: number): string =>
    column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return [headings, ...lines].map((line) => line.map(pad).join("  ").trimEnd()).join("\n");
}

function renderRange(values: readonly number[]): string {
  const middle = Math.round(quantile(values, 0.5)).toLocaleString("en");
  const most = Math.max(...values).toLocaleString("en");
  return middle === most ? middle : `${middle} (${most})`;
}
