import { readFileSync } from "node:fs";

/** Milliseconds since boot, in steps of ten: the clock of the journal and of `startedAt` in /proc. */
export function bootMillis(): number {
  return Math.round(Number.parseFloat(readFileSync("/proc/uptime", "utf8")) * 1000);
}
