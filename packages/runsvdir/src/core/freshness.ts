/** From a stat of the scan directory: which directory it is, and when its entries last changed. */
export interface Stamp {
  readonly identity: string;
  readonly changed: bigint;
}

/** The last reading of the directory. Times are in ms of the monotonic clock. */
export interface Reading {
  readonly stamp: Stamp;
  /** When this stamp was first seen. */
  readonly since: number;
  readonly readAt: number;
}

/** Two changes within this time, in ms, may leave the same time stamp: file systems count in steps of up to 2 s. */
const step = 2000;

/**
 * Whether the directory must be read, though no change was reported.
 *
 * A reading soon after a change may have missed a second change in the same step of the time stamp, so it is repeated
 * once. Only our own monotonic clock counts, not the file system's.
 */
export function mustRead(last: Reading | null, stamp: Stamp): boolean {
  if (last === null || !isSame(last.stamp, stamp)) return true;
  return last.readAt - last.since < step;
}

/** The record of a reading that begins now, with the stamp from before it. */
export function noteReading(last: Reading | null, stamp: Stamp, at: number): Reading {
  const since = last !== null && isSame(last.stamp, stamp) ? last.since : at;
  return { stamp, since, readAt: at };
}

function isSame(one: Stamp, other: Stamp): boolean {
  return one.identity === other.identity && one.changed === other.changed;
}
