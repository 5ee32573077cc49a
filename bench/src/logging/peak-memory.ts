import { readFileSync } from "node:fs";
import { basename } from "node:path";

import { markedProcesses } from "../trial/processes.ts";

const period = 20;

/**
 * Watches the memory of a program that is about to be started with this mark.
 *
 * @returns a function that ends it and returns the most the program has held, in kB.
 */
export function watchPeakMemory(mark: string, file: string): () => number {
  let pid: number | null = null;
  let peak = 0;
  const timer = setInterval(() => {
    pid ??= markedProcesses(mark).find((one) => statusOf(one, "Name") === basename(file)) ?? null;
    if (pid !== null) peak = Number.parseInt(statusOf(pid, "VmHWM") ?? "", 10) || peak;
  }, period);
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
    return undefined; // Gone meanwhile.
  }
}
