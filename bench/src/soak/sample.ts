import { readdirSync, readFileSync } from "node:fs";

import { memoryOf } from "../trial/memory.ts";

/** What one process takes at one time. Memory in kB. */
export interface Sample {
  readonly private: number;
  readonly rss: number;
  /** The most that `rss` has ever been. */
  readonly peak: number;
  readonly descriptors: number;
  readonly threads: number;
}

/** What some processes take, after so much of their work has been done. */
export interface Stage {
  readonly label: string;
  readonly count: number;
  /** Since the first stage. */
  readonly seconds: number;
  readonly samples: readonly Sample[];
}

/** Looks at one process. */
export function takeSample(pid: number): Sample {
  const { private: own, rss } = memoryOf(pid);
  return {
    private: own,
    rss,
    peak: Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
  };
}
