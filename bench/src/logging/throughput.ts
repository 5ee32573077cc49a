import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

import { pathWithNode } from "../contender.ts";
import type { Samples, Scenario } from "../scenario.ts";
import { runTimed } from "../trial/command.ts";
import { Scratch } from "../trial/scratch.ts";
import { numberedLines, verifyKept } from "./lines.ts";
import type { Logger, Stamps } from "./loggers.ts";

/** A file of lines through a pipe into each logger, which must keep 10 logs of 1 MB, on a disk. */
export const throughput: readonly Scenario<Logger>[] = [
  logging(100, "TAI64N"),
  logging(100, "readable"),
  logging(1000, "TAI64N"),
  logging(1000, "readable"),
];

function logging(length: number, stamps: Stamps): Scenario<Logger> {
  const subject = `${length}-byte lines, ${stamps} stamps`;
  const budget = { timesBest: 3, builds: ["standalone"], peers: ["svlogd", "s6-log", "multilog"] };
  return {
    name: `log-${length}-${stamps.toLowerCase()}`,
    mostRounds: 3,
    title: `Logging ${subject}, rotated at 1 MB`,
    rows: [
      { metric: `throughput, ${subject}`, label: "throughput", unit: "MB/s", budget },
      { metric: `processor time, ${subject}`, label: "processor time for 1 GB", unit: "s" },
      { metric: `memory, ${subject}`, label: "largest memory (RSS)", unit: "MB" },
    ],
    async measure(logger, isQuick): Promise<Samples> {
      using scratch = new Scratch("on a disk");
      const directory = join(scratch.root, "log");
      const command = logger.command(directory, stamps);
      if (command === null) return {};
      const bytes = isQuick ? 1e8 : 5e8;
      const input = numberedLines(bytes / length, length);
      logger.prepare(directory);
      // The shell tells what its only child, the logger, has taken.
      const script = 'cat "$0" | { "$@"; code=$?; times; exit $code; }';
      const peakOf = watchPeakMemory(scratch, command[0]);
      const { ms, stdout } = await runTimed(
        ["/bin/sh", "-c", script, input, ...command],
        scratch.environment(pathWithNode),
      );
      const peak = peakOf();
      verifyKept(directory, bytes / length, length);
      return {
        [`throughput, ${subject}`]: [bytes / 1e6 / (ms / 1000)],
        [`processor time, ${subject}`]: [(childrenTimes(stdout) * 1e9) / bytes],
        [`memory, ${subject}`]: [peak / 1024],
      };
    },
  };
}

/** Watches the memory of a program that is about to be started; the function returns the most it has held, in kB. */
function watchPeakMemory(scratch: Scratch, file: string): () => number {
  let pid: number | undefined;
  let peak = 0;
  const timer = setInterval(() => {
    pid ??= scratch.processes().find((one) => statusOf(one, "Name") === basename(file));
    if (pid !== undefined) peak = Number.parseInt(statusOf(pid, "VmHWM") ?? "", 10) || peak;
  }, 20);
  return () => {
    clearInterval(timer);
    if (peak === 0) throw new Error(`${file}: ended before its memory was looked at`);
    return peak;
  };
}

function statusOf(pid: number, field: string): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, "latin1");
    return new RegExp(`^${field}:\\s+(.*)$`, "m").exec(text)?.[1];
  } catch {
    return undefined; // It has gone meanwhile.
  }
}

/** The second line of the shell's `times`, in seconds: what its children have taken, for themselves and in the system. */
function childrenTimes(output: string): number {
  const [, children = ""] = output.split("\n");
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
  if (parts.length !== 2) throw new Error(`no times in '${output}'`);
  return parts.reduce((sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds), 0);
}
