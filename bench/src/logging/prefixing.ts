import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type Contender, ourBuilds, pathWithNode } from "../contender.ts";
import type { Scenario } from "../scenario.ts";
import { type Command, runTimed } from "../trial/command.ts";
import { Scratch } from "../trial/scratch.ts";
import { numberedLines } from "./lines.ts";

/** A way to put a prefix before each line. */
interface Prefixer extends Contender {
  /** Writes the file, with the prefix, to a pipe that a counter of bytes reads, and ends. */
  command(input: string, service: string): Command;
}

const prefix = "service | ";
const length = 100;

/** All of them, the one that ratios refer to first. */
export const prefixers: readonly Prefixer[] = [
  {
    name: "sed",
    title: "cat and sed",
    programs: ["/bin/sed"],
    package: "sed",
    // Without -u, which shows each line at once, as ours does, but takes a hundred times as long.
    command: (input) => ["/bin/sh", "-c", `cat "$0" | sed 's/^/${prefix}/' | wc -c`, input],
  },
  ...ourBuilds((bin) => ({
    programs: [join(bin, "runsv")],
    command: (_input: string, service: string): Command => [
      "/bin/sh",
      "-c",
      '"$0" "$1" | wc -c',
      join(bin, "runsv"),
      service,
    ],
  })),
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
      budget: { timesBest: 1, builds: ["standalone"], peers: ["sed"] },
    },
  ],
  async measure(prefixer, isQuick) {
    using scratch = new Scratch("in memory");
    const lines = (isQuick ? 1e8 : 5e8) / length;
    const input = numberedLines(lines, length);
    const service = join(scratch.root, "service");
    mkdirSync(service);
    writeFileSync(join(service, "log-prefix"), "");
    // TERM for runsv, which then ends its service and itself.
    writeFileSync(join(service, "run"), `#!/bin/sh\ncat ${input}\nkill $PPID\nexec sleep 1000\n`, { mode: 0o755 });
    const { ms, stdout } = await runTimed(prefixer.command(input, service), scratch.environment(pathWithNode));
    const expected = lines * (length + prefix.length);
    if (Number(stdout) !== expected) throw new Error(`${Number(stdout)} bytes instead of ${expected}`);
    return { prefixing: [(lines * length) / 1e6 / (ms / 1000)] };
  },
};
