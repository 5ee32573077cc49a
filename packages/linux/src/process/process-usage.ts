import { readFileSync } from "node:fs";

import { tickMillis } from "../core/clock-ticks.ts";

/** What a process uses. */
export interface ProcessUsage {
  /** Processor time in ms, without that of its children. */
  readonly cpuMillis: number;
  /** Bytes of memory that are resident, shared ones included; null where that cannot be told. */
  readonly residentBytes: number | null;
  /** Its command line, blanks between the words; its name in brackets where it has none, as ps(1) shows it. */
  readonly command: string;
}

/** Characters of a command line that are kept. */
const longest = 4096;

/** What a process uses; null if there is none, or none any more. */
export function processUsage(pid: number): ProcessUsage | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").slice(0, longest).replace(/\0+$/, "");
    return {
      cpuMillis: (Number(fields[11]) + Number(fields[12])) * tickMillis,
      residentBytes: resident === undefined ? null : Number(resident) * 1024,
      command: words === "" ? `[${name}]` : words.replaceAll("\0", " "),
    };
  } catch {
    return null;
  }
}
