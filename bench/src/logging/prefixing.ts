import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import type { Contender } from "../contender.ts";
import type { Scenario, Settings } from "../scenarios/scenario.ts";
import { cleanUp, register } from "../trial/cleanup.ts";
import { marker } from "../trial/processes.ts";
import { type Command, runTimed } from "../trial/timed-command.ts";
import { baseDirectory } from "../trial/tree.ts";
import { loggerPath } from "./loggers.ts";
import { numberedLines } from "./numbered-lines.ts";

/** A way to put a prefix before each line. */
interface Prefixer extends Contender {
  /** Writes the file, with the prefix, to a pipe that a counter of bytes reads, and ends. */
  command(input: string, service: string): Command;
}

const built = resolve(import.meta.dirname, "../../../dist");
const prefix = "service | ";
const length = 100;

/** All of them, the one that ratios refer to first. */
export const allPrefixers: readonly Prefixer[] = [
  {
    name: "sed",
    title: "cat and sed",
    programs: ["/bin/sed"],
    hint: "apt-get install sed",
    package: "sed",
    // Without -u, which shows each line at once, as ours does, but takes a hundred times as long.
    command: (input) => ({ file: "/bin/sh", args: ["-c", `cat "$0" | sed 's/^/${prefix}/' | wc -c`, input] }),
  },
  ours("standalone", "stand-alone"),
  ours("node", "on Node"),
];

/** A service that copies a file of lines to its standard output, behind log-prefix; or `cat` and `sed`. */
export const prefixing: Scenario<Prefixer> = {
  name: "prefix",
  mostRounds: 3,
  title: `Prefix before ${length}-byte lines of one service`,
  rows: [
    {
      metric: "prefixing",
      label: "throughput",
      unit: "MB/s",
      statistic: "median",
      budget: { timesBest: 1, builds: ["standalone"], peers: ["sed"] },
    },
  ],
  measure: async (prefixer, settings) => ({ prefixing: [await measureRun(prefixer, settings)] }),
};

async function measureRun(prefixer: Prefixer, { isQuick }: Settings): Promise<number> {
  const root = await mkdtemp(join(baseDirectory, "upkeep-bench-"));
  const mark = randomUUID();
  register(mark, root);
  try {
    const lines = (isQuick ? 1e8 : 5e8) / length;
    const input = await numberedLines(lines, length);
    const service = join(root, "service");
    await mkdir(service);
    await writeFile(join(service, "log-prefix"), "");
    // TERM for runsv, which then ends its service and itself.
    await writeFile(join(service, "run"), `#!/bin/sh\ncat ${input}\nkill $PPID\nexec sleep 1000\n`, { mode: 0o755 });
    const command = prefixer.command(input, service);
    const { startedAt, endedAt, stdout } = await runTimed(command, { PATH: loggerPath, [marker]: mark });
    const expected = lines * (length + prefix.length);
    if (Number(stdout) !== expected) throw new Error(`${Number(stdout)} bytes instead of ${expected}`);
    return (lines * length) / 1e6 / ((endedAt - startedAt) / 1000);
  } finally {
    cleanUp(mark);
  }
}

function ours(build: "standalone" | "node", title: string): Prefixer {
  const runsv = join(built, build, "bin/runsv");
  return {
    name: build,
    title,
    programs: [runsv],
    hint: "npm run build",
    package: null,
    command: (_input, service) => ({ file: "/bin/sh", args: ["-c", '"$0" "$1" | wc -c', runsv, service] }),
  };
}
