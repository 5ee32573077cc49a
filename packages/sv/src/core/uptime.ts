import type { StatusRecord } from "@upkeep/supervise/core/status";

/**
 * What has been seen of the process that is up. It tells a service that has started from one that crashes at each
 * start: whoever reacts to every change sees the crashing one up, too, for a few milliseconds.
 */
export interface Uptime {
  /** The process seen up last; 0 when it is gone. */
  readonly pid: number;
  /** Since when it has been seen, in monotonic ms. */
  readonly firstSeen: number;
  /** Whether another one has crashed before it. */
  readonly isAfterCrash: boolean;
}

/** Long enough for a program that fails at what it does first (a bad configuration, a port that is taken), in ms. */
const usual = 100;

/** Once a crash has been seen: as long as runit pauses between two reads, because runit would miss the crash. In ms. */
const afterCrash = 420;

/** What is known at the beginning: a service that is down but wanted up has crashed just now. */
export function initialUptime(before: StatusRecord): Uptime {
  return { pid: 0, firstSeen: 0, isAfterCrash: before.pid === 0 && before.want === "up" };
}

/** Takes note of what was seen at `at`: `pid` is the process that counts as up, 0 for none. */
export function notice(uptime: Uptime, pid: number, at: number): Uptime {
  if (pid === uptime.pid) return uptime;
  return { pid, firstSeen: at, isAfterCrash: uptime.isAfterCrash || uptime.pid !== 0 };
}

/**
 * How long the process must still stay up, in ms; 0 or less when it has been up long enough.
 *
 * @param readiness how the service declares its readiness, null when it does not. The process is ready, or its check script
 * is still to pass: that says more than any time. `ready-after` is itself a time, and an operator may have set it to 0.
 * @param at monotonic ms now.
 * @param wallAge how long ago it was started, in ms by the wall clock. It tells more of a process that was up before
 * it was first seen, but nothing when the clock was set back.
 */
export function remainingTime(
  { firstSeen, isAfterCrash }: Uptime,
  readiness: string | null,
  at: number,
  wallAge: number,
): number {
  if (readiness !== null && readiness !== "ready-after") return 0;
  const calm = readiness === null ? usual : 0;
  return (isAfterCrash ? afterCrash : calm) - Math.max(at - firstSeen, wallAge);
}

/** How long ago a service came to its state, in ms; `wallMillis` is the wall clock now. */
export function ageOf({ since }: StatusRecord, wallMillis: number): number {
  return wallMillis - since.seconds * 1000 - since.nanoseconds / 1_000_000;
}
