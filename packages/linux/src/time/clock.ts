import { libc } from "#libc";

import { SystemError } from "../core/errno.ts";

const CLOCK_REALTIME = 0;
const CLOCK_MONOTONIC = 1;
const CLOCK_BOOTTIME = 7;

/** A moment: whole seconds (since 1970 on the wall clock) and nanoseconds 0 to 999999999. */
export interface Timespec {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** The wall clock, which somebody may set (CLOCK_REALTIME). */
export function wallClock(): Timespec {
  return read(CLOCK_REALTIME);
}

/** Milliseconds of the clock that nobody sets (CLOCK_MONOTONIC), for deadlines only. */
export function monotonicMillis(): number {
  return millisOf(CLOCK_MONOTONIC);
}

/** Milliseconds since boot, suspend included (CLOCK_BOOTTIME), to compare with the start times in /proc/PID/stat only. */
export function bootMillis(): number {
  return millisOf(CLOCK_BOOTTIME);
}

function millisOf(clock: number): number {
  const { seconds, nanoseconds } = read(clock);
  return seconds * 1000 + nanoseconds / 1e6;
}

function read(clock: number): Timespec {
  const bytes = new Uint8Array(16);
  if (libc.clock_gettime(clock, bytes) === -1) throw new SystemError("read clock", libc.errno());
  const view = new DataView(bytes.buffer);
  return { seconds: Number(view.getBigInt64(0, true)), nanoseconds: Number(view.getBigInt64(8, true)) };
}
