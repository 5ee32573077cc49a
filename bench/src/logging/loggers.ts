import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type Contender, ourBuilds, systemBin } from "../contender.ts";
import type { Command } from "../trial/command.ts";

/** Time stamps: TAI64N labels, or date and time for people. */
export type Stamps = "TAI64N" | "readable";

/** A program that writes its standard input to a directory, rotates at 1 MB and keeps 10 old logs. */
export interface Logger extends Contender {
  /** Its runsv; the peers' pipe is runit's. */
  readonly runsv: string;
  /** Makes the directory ready. */
  prepare(directory: string): void;
  /** Null: it does not have such stamps. */
  command(directory: string, stamps: Stamps): Command | null;
}

const size = 1_000_000;
const kept = 10;

const svlogd = (bin: string): Pick<Logger, "programs" | "runsv" | "prepare" | "command"> => ({
  programs: [join(bin, "svlogd")],
  runsv: join(bin, "runsv"),
  prepare(directory) {
    mkdirSync(directory);
    writeFileSync(join(directory, "config"), `s${size}\nn${kept}\n`);
  },
  command: (directory, stamps) => [join(bin, "svlogd"), stamps === "TAI64N" ? "-t" : "-tt", directory],
});

const peer = (name: string, debianPackage: string, options: (stamps: Stamps) => readonly string[] | null): Logger => ({
  name,
  title: name,
  programs: [join(systemBin, name)],
  package: debianPackage,
  runsv: join(systemBin, "runsv"),
  prepare: (directory) => mkdirSync(directory),
  command(directory, stamps) {
    const words = options(stamps);
    return words === null ? null : [join(systemBin, name), ...words, directory];
  },
});

/** All loggers, the one that ratios refer to first. */
export const loggers: readonly Logger[] = [
  { ...svlogd(systemBin), name: "svlogd", title: "runit's svlogd", package: "runit" },
  ...ourBuilds(svlogd),
  // -b: a log that cannot be written stops the reading, as with the others; without it lines pile up in memory.
  peer("s6-log", "s6", (stamps) => ["-b", `n${kept}`, `s${size}`, stamps === "TAI64N" ? "t" : "T"]),
  peer("multilog", "daemontools", (stamps) => (stamps === "TAI64N" ? ["t", `s${size}`, `n${kept}`] : null)),
];
