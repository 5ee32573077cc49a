import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import type { Contender } from "../contender.ts";
import { systemBin } from "../suites/system-path.ts";
import type { Command } from "../trial/timed-command.ts";

/** Time stamps: TAI64N labels, or date and time for people. */
export type Stamps = "TAI64N" | "readable";

/** A program that writes its standard input to a directory and rotates it. */
export interface Logger extends Contender {
  /** Its runsv; the peers' pipe is runit's. */
  readonly runsv: string;
  /** Makes the directory ready: rotation at 1 MB, keeping 10. */
  prepare(directory: string): Promise<void>;
  /** Null: it does not have such stamps. */
  command(directory: string, stamps: Stamps): Command | null;
}

const built = resolve(import.meta.dirname, "../../../dist");
const size = 1_000_000;
const kept = 10;

/** All loggers, the one that ratios refer to first. */
export const allLoggers: readonly Logger[] = [
  {
    ...svlogd(systemBin),
    name: "svlogd",
    title: "runit's svlogd",
    hint: "apt-get install runit",
    package: "runit",
  },
  { ...ours("standalone"), name: "standalone", title: "stand-alone" },
  { ...ours("node"), name: "node", title: "on Node" },
  {
    name: "s6-log",
    title: "s6-log",
    programs: [join(systemBin, "s6-log")],
    hint: "apt-get install s6",
    package: "s6",
    runsv: join(systemBin, "runsv"),
    prepare: (directory) => mkdir(directory),
    command: (directory, stamps) => ({
      file: join(systemBin, "s6-log"),
      // -b: a log that cannot be written stops the reading, as with the others; without it lines pile up in memory.
      args: ["-b", `n${kept}`, `s${size}`, stamps === "TAI64N" ? "t" : "T", directory],
    }),
  },
  {
    name: "multilog",
    title: "multilog",
    programs: [join(systemBin, "multilog")],
    hint: "apt-get install daemontools",
    package: "daemontools",
    runsv: join(systemBin, "runsv"),
    prepare: (directory) => mkdir(directory),
    command: (directory, stamps) =>
      stamps === "TAI64N"
        ? { file: join(systemBin, "multilog"), args: ["t", `s${size}`, `n${kept}`, directory] }
        : null,
  },
];

/** The peers, by name. */
export const peers: readonly string[] = ["svlogd", "s6-log", "multilog"];

function ours(build: "standalone" | "node"): Omit<Logger, "name" | "title"> {
  return { ...svlogd(join(built, build, "bin")), hint: "npm run build", package: null };
}

function svlogd(bin: string): Pick<Logger, "programs" | "runsv" | "prepare" | "command"> {
  const file = join(bin, "svlogd");
  return {
    programs: [file],
    runsv: join(bin, "runsv"),
    prepare: async (directory) => {
      await mkdir(directory);
      await writeFile(join(directory, "config"), `s${size}\nn${kept}\n`);
    },
    command: (directory, stamps) => ({ file, args: [stamps === "TAI64N" ? "-t" : "-tt", directory] }),
  };
}

/** `PATH` for all of them: the bundles for Node begin with #!/usr/bin/env node. */
export const loggerPath = `${dirname(process.execPath)}:${systemBin}:/bin`;
