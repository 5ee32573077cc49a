import { setTimeout as sleep } from "node:timers/promises";

/** What a condition answers while it does not hold. */
export type NotYet = undefined | null | false | 0 | "";

/** How long to wait for a condition, in milliseconds: `TEST_TIMEOUT`, or 100 s. */
export const waitLimit: number = Number(process.env["TEST_TIMEOUT"] ?? 100_000);

/** Milliseconds. */
const longestRest = 1000;

/**
 * Waits until the condition holds and returns what it answered; undefined when the limit has passed.
 *
 * It looks often at first and every 20 ms later: many tests wait at the same time on few cores. A condition that takes
 * longer itself, because it runs a command, rests as long as it takes.
 */
export async function poll<T>(
  condition: () => T | Promise<T>,
  limit: number = waitLimit,
): Promise<Exclude<T, NotYet> | undefined> {
  const end = performance.now() + limit;
  for (let pause = 2; ; pause = Math.min(pause * 1.4, 20)) {
    const begin = performance.now();
    const answer = await condition();
    if (answer) return answer as Exclude<T, NotYet>;
    if (begin >= end) return undefined;
    await sleep(Math.max(pause, Math.min(performance.now() - begin, longestRest)));
  }
}
