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

/** What clock_gettime(2) fills. It is read at once, so all calls share it. */
const timespec = new Uint8Array(16);
const words = new Uint32Array(timespec.buffer);
const highWord = 2 ** 32;

function millisOf(clock: number): number {
  fill(clock);
  return seconds() * 1000 + nanoseconds() / 1e6;
}

function read(clock: number): Timespec {
  fill(clock);
  return { seconds: seconds(), nanoseconds: nanoseconds() };
}

function fill(clock: number): void {
  if (libc.clock_gettime(clock, timespec) === -1) throw new SystemError("read clock", libc.errno());
}

/** Both machines that we support are little-endian. Before 1970 the wall clock is negative. */
function seconds(): number {
  return ((words[1] ?? 0) | 0) * highWord + (words[0] ?? 0);
}

function nanoseconds(): number {
  return words[2] ?? 0;
}
