import { closeSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";

import { type Contender, ourBuilds, pathWithNode } from "../contender.ts";
import { bothBuilds, type Samples, type Scenario } from "../scenario.ts";
import { type Command, repeated, runTimed } from "../trial/command.ts";
import { Scratch } from "../trial/scratch.ts";

/** What reads logs: `sv log`. */
interface Reader extends Contender {
  readonly sv: string;
}

export const readers: readonly Reader[] = ourBuilds((bin) => ({
  programs: [join(bin, "sv")],
  sv: join(bin, "sv"),
}));

const calls = 10;
const services = 20;
const lineLength = 100;
/** Bytes of a log with one stamp, and of a log that has been rotated. */
const [block, rotation] = [100_000, 1_000_000] as const;

/** The last lines of a gigabyte, in one file and in a thousand, and all lines of many services. */
export const reading: Scenario<Reader> = {
  name: "log-reading",
  mostRounds: 5,
  title: "Reading logs with sv log",
  rows: [
    { metric: "reading, start", label: "sv completion bash: the start of sv", unit: "ms" },
    {
      metric: "reading, one",
      label: "-n 20 of 1 GB in one file, beyond the start",
      unit: "ms",
      budget: bothBuilds(30),
    },
    { metric: "reading, rotated", label: "-n 20 of 1 GB in 1000 files, likewise", unit: "ms", budget: bothBuilds(30) },
    {
      metric: "reading, completion",
      label: "completing a name of 1000 in bash",
      unit: "ms",
      budget: bothBuilds(30),
    },
    { metric: "reading, merge", label: `merging the lines of ${services} services`, unit: "MB/s" },
  ],
  async measure({ sv }, isQuick): Promise<Samples> {
    using scratch = new Scratch("on a disk");
    const { root } = scratch;
    const size = isQuick ? 1e8 : 1e9;
    const [one, rotated, many] = ["one", "rotated", "many"].map((name) => join(root, name)) as [string, string, string];
    writeLogs(join(one, "web"), size, 0, Infinity);
    writeLogs(join(rotated, "web"), size, 0, rotation);
    const each = size / 5 / services;
    for (let index = 0; index < services; index++) writeLogs(join(many, `s${index}`), each, index, Infinity);
    const millis = async (scan: string, command: Command): Promise<number> =>
      (await runTimed(command, scratch.environment(pathWithNode, { SVDIR: scan }))).ms;
    const mean = async (scan: string, ...words: readonly string[]): Promise<number> =>
      (await millis(scan, repeated(calls, [sv, ...words]))) / calls;
    const start = await mean(one, "completion", "bash");
    const names = join(root, "names");
    for (let index = 0; index < 1000; index++) mkdirSync(join(names, `s${index}`), { recursive: true });
    const completing = await millis(names, ["bash", "-c", completion, sv]);
    const merging = await millis(many, ["/bin/sh", "-c", '"$0" log -n all >/dev/null', sv]);
    return {
      "reading, start": [start],
      "reading, one": [(await mean(one, "log", "-n", "20", "web")) - start],
      "reading, rotated": [(await mean(rotated, "log", "-n", "20", "web")) - start],
      "reading, completion": [completing / calls],
      "reading, merge": [(each * services) / 1e6 / ((merging - start) / 1000)],
    };
  },
};

/** Completes `sv restart s`, as bash does when Tab is pressed. */
const completion = `eval "$("$0" completion bash)"; COMP_WORDS=(sv restart s); COMP_CWORD=2
for ((i = 0; i < ${calls}; i++)); do _sv; done; [ "\${#COMPREPLY[@]}" = 1000 ]`;

/** Writes what svlogd would write: TAI64N stamps that rise, and lines of one length. */
function writeLogs(service: string, size: number, offset: number, rotatesAt: number): void {
  const directory = join(service, "log/main");
  mkdirSync(directory, { recursive: true });
  const current = join(directory, "current");
  const text = "x".repeat(lineLength - 27);
  let fd = openSync(current, "w");
  for (let written = 0, inFile = 0; written < size; written += block, inFile += block) {
    const label = `@40000000${(0x6b00_0000 + written / block).toString(16)}${offset.toString(16).padStart(8, "0")}`;
    if (inFile >= rotatesAt) {
      closeSync(fd);
      renameSync(current, join(directory, `${label}.s`));
      fd = openSync(current, "w");
      inFile = 0;
    }
    writeSync(fd, `${label} ${text}\n`.repeat(block / lineLength));
  }
  closeSync(fd);
}
