import { readFileSync } from "node:fs";

/**
 * Time in which the machine could have worked, had there been work: while no processor is idle, a tenth of the time
 * counts. So what nobody waits for counts in full, and a busy machine has ten times as long.
 */
export class FairClock {
  #last = look();
  #millis = 0;

  /** Call it often: it looks at the time since the last call. */
  tick(): void {
    const now = look();
    this.#millis += fairMillis(now.at - this.#last.at, now.idle - this.#last.idle);
    this.#last = now;
  }

  millis(): number {
    return this.#millis;
  }
}

/** @param idle for so long processors were idle meanwhile, all together, in ms. */
export function fairMillis(elapsed: number, idle: number): number {
  return Math.min(elapsed, Math.max(elapsed / 10, idle));
}

function look(): { readonly at: number; readonly idle: number } {
  const [, , , , idle = ""] = readFileSync("/proc/stat", "latin1").split("\n", 1)[0]?.split(/ +/) ?? [];
  return { at: performance.now(), idle: Number(idle) * 10 };
}
