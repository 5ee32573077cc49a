import type { Exit } from "@upkeep/linux/process/wait";
import type { WallTime } from "@upkeep/supervise/core/tai64n";

/**
 * A moment on three clocks. Stamps use the wall clock. Deadlines use the monotonic clock, which never steps (ms). The
 * clock since boot goes on in suspend (ms), as the start times of processes do.
 */
export interface Moment {
  readonly wall: WallTime;
  readonly monotonic: number;
  readonly boot: number;
}

/** A running process: the pid with the start time (clock ticks since boot) names it for good. */
export interface Process {
  readonly pid: number;
  /** Its process group. */
  readonly group: number;
  readonly startTicks: number;
}

/** Exit code that stands for a `./run` that could not be started. Source: runit 2.1.2. */
export const notStarted = 111;

/** How a process ended. The kernel does not tell us how a process ended that is not our child. */
export type End = Exit | { readonly kind: "unknown" };

/** The moment so many ms later on the wall clock. */
export function after({ wall }: Moment, millis: number): WallTime {
  const nanoseconds = wall.nanoseconds + (millis % 1000) * 1e6;
  const carry = nanoseconds >= 1e9 ? 1 : 0;
  return {
    seconds: wall.seconds + Math.floor(millis / 1000) + carry,
    nanoseconds: Math.floor(nanoseconds - carry * 1e9),
  };
}

/** Whole milliseconds from one moment on the wall clock to another. */
export function millisBetween(from: WallTime, to: WallTime): number {
  return Math.round((to.seconds - from.seconds) * 1000 + (to.nanoseconds - from.nanoseconds) / 1e6);
}
