import { readdirSync, readFileSync } from "node:fs";

import { parseProcessInfo, type ProcessInfo, readProcessLine } from "./process-info.ts";

/** What one line of /proc/PID/stat (proc(5)) says of a process and of what it uses. */
export interface ProcessLoad extends ProcessInfo {
  readonly pid: number;
  /** Processor time in clock ticks, with that of all children that it has waited for. */
  readonly ticks: number;
  /** Memory that is resident, shared ones included. The kernel counts it loosely: up to 64 pages per thread may lack. */
  readonly residentPages: number;
}

/** All processes that can be seen. One file is read per process, so this is cheap enough to be done each second. */
export function listLoads(): readonly ProcessLoad[] {
  try {
    return readdirSync("/proc").flatMap((name) => (/^\d/.test(name) ? (readLoad(Number(name)) ?? []) : []));
  } catch {
    return [];
  }
}

/** Null if there is no such process, or none any more. */
function readLoad(pid: number): ProcessLoad | null {
  try {
    return parseProcessLoad(pid, readProcessLine(pid));
  } catch {
    return null;
  }
}

/** Takes a line of /proc/PID/stat apart. */
export function parseProcessLoad(pid: number, text: string): ProcessLoad | null {
  const info = parseProcessInfo(text);
  if (info === null) return null;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14]);
  return { ...info, pid, ticks, residentPages: Number(fields[21]) };
}

/** What getauxval(3) calls AT_PAGESZ. */
const pageSizeKey = 6n;

/** Bytes of a page of memory. */
export function pageSize(): number {
  try {
    const words = readFileSync("/proc/self/auxv");
    for (let at = 0; at + 16 <= words.length; at += 16) {
      if (words.readBigUInt64LE(at) === pageSizeKey) return Number(words.readBigUInt64LE(at + 8));
    }
  } catch {
    // Without /proc nothing else can be told, either.
  }
  return 4096;
}
