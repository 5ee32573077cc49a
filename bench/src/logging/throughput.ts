import { randomUUID } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Scenario, Settings } from "../scenarios/scenario.ts";
import { cleanUp, register } from "../trial/cleanup.ts";
import { marker } from "../trial/processes.ts";
import { runTimed } from "../trial/timed-command.ts";
import { type Logger, loggerPath, peers, type Stamps } from "./loggers.ts";
import { numberedLines, verifyKept } from "./numbered-lines.ts";
import { watchPeakMemory } from "./peak-memory.ts";

const lineLengths = [100, 1000];
const stampKinds: readonly Stamps[] = ["TAI64N", "readable"];

/** A file of lines through a pipe into each logger, which is to keep 10 logs of 1 MB, on a disk. */
export const throughput: readonly Scenario<Logger>[] = lineLengths.flatMap((length) =>
  stampKinds.map((stamps): Scenario<Logger> => {
    const subject = `${length}-byte lines, ${stamps} stamps`;
    return {
      name: `log-${length}-${stamps === "TAI64N" ? "tai64n" : "readable"}`,
      mostRounds: 3,
      title: `Logging ${subject}, rotated at 1 MB`,
      rows: [
        {
          metric: `throughput, ${subject}`,
          label: "throughput",
          unit: "MB/s",
          statistic: "median",
          budget: { timesBest: 3, builds: ["standalone"], peers },
        },
        { metric: `processor time, ${subject}`, label: "processor time for 1 GB", unit: "s", statistic: "median" },
        { metric: `memory, ${subject}`, label: "largest memory (RSS)", unit: "MB", statistic: "median" },
      ],
      measure: async (logger, settings) => {
        const run = await measureRun(logger, length, stamps, settings);
        if (run === null) return {};
        return {
          [`throughput, ${subject}`]: [run.bytes / 1e6 / run.seconds],
          [`processor time, ${subject}`]: [(run.processorSeconds * 1e9) / run.bytes],
          [`memory, ${subject}`]: [run.peak / 1024],
        };
      },
    };
  }),
);

interface Run {
  readonly bytes: number;
  readonly seconds: number;
  readonly processorSeconds: number;
  /** In kB. */
  readonly peak: number;
}

async function measureRun(logger: Logger, length: number, stamps: Stamps, { isQuick }: Settings): Promise<Run | null> {
  const root = await mkdtemp(join(tmpdir(), "upkeep-bench-"));
  const mark = randomUUID();
  register(mark, root);
  try {
    const directory = join(root, "log");
    const command = logger.command(directory, stamps);
    if (command === null) return null;
    const lines = (isQuick ? 1e8 : 5e8) / length;
    const input = await numberedLines(lines, length);
    await logger.prepare(directory);
    // The shell tells what its only child, the logger, has taken.
    const script = 'cat "$0" | { "$@"; code=$?; times; exit $code; }';
    const peakOf = watchPeakMemory(mark, command.file);
    const args = ["-c", script, input, command.file, ...command.args];
    const { startedAt, endedAt, stdout } = await runTimed(
      { file: "/bin/sh", args },
      { PATH: loggerPath, [marker]: mark },
    );
    const peak = peakOf();
    await verifyKept(directory, lines, length);
    return {
      bytes: lines * length,
      seconds: (endedAt - startedAt) / 1000,
      processorSeconds: childrenTimes(stdout),
      peak,
    };
  } finally {
    cleanUp(mark);
  }
}

/** The second line of the shell's `times`: what its children have taken, for themselves and in the system. */
function childrenTimes(output: string): number {
  const [, children = ""] = output.split("\n");
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
  if (parts.length !== 2) throw new Error(`no times in '${output}'`);
  return parts.reduce((sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds), 0);
}
