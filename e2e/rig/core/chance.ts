import type { TestRig } from "./test-rig.ts";

/** Random numbers. The transcript of a failure names the seed, so that they can be repeated. */
export class Chance {
  #state: number;

  /** @param seed the number that the transcript of another run names. */
  constructor(rig: Pick<TestRig, "note">, seed = Math.floor(Math.random() * 2 ** 32)) {
    this.#state = seed;
    rig.note(`chance ${seed}`);
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    // The mulberry32 generator.
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  of<T>(list: readonly T[]): T {
    const one = list[this.below(list.length)];
    if (one === undefined) throw new Error("nothing to choose from");
    return one;
  }
}

/** Calls `act` again and again for so many milliseconds. */
export async function during(millis: number, act: () => Promise<void>): Promise<void> {
  const end = performance.now() + millis;
  while (performance.now() < end) await act();
}
