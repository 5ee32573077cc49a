import { readFileSync } from "node:fs";

/** What processes take, in kB. */
export interface Memory {
  /** Their pages, each divided by the number of processes that share it. */
  readonly pss: number;
  /** Their pages that no other process has. */
  readonly private: number;
  readonly rss: number;
}

/** Memory of one process. */
export function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  const field = (name: string): number => Number(new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(text)?.[1] ?? 0);
  return { pss: field("Pss"), private: field("Private_Clean") + field("Private_Dirty"), rss: field("Rss") };
}

/** Memory of several processes together. */
export function memoryOfAll(processes: readonly number[]): Memory {
  return processes.map(memoryOf).reduce(
    (sum, memory) => ({
      pss: sum.pss + memory.pss,
      private: sum.private + memory.private,
      rss: sum.rss + memory.rss,
    }),
    { pss: 0, private: 0, rss: 0 },
  );
}
