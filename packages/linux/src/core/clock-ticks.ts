/** Milliseconds of a clock tick (USER_HZ, which is 100 on all that we run on). */
export const tickMillis = 10;

/** Milliseconds by which two readings of one clock may differ, one by the kernel and one by us. */
const margin = 0.05;

/**
 * The tick that a moment between two others lies in, all in ms of one clock; null where a tick ends between them, or
 * nearly so.
 */
export function tickBetween(before: number, after: number): number | null {
  const first = Math.floor((before - margin) / tickMillis);
  return first === Math.floor((after + margin) / tickMillis) ? first : null;
}
