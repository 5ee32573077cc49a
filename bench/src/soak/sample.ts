import { readdirSync } from "node:fs";

import { memoryOf } from "../trial/memory.ts";

/** What one supervisor takes at one time. Memory in kB. */
export interface Sample {
  readonly private: number;
  readonly rss: number;
  readonly descriptors: number;
  readonly threads: number;
}

/** What some supervisors take, after so many of their children have ended. */
export interface Stage {
  readonly label: string;
  readonly count: number;
  readonly samples: readonly Sample[];
}

/** Looks at one process. */
export function takeSample(pid: number): Sample {
  const { private: own, rss } = memoryOf(pid);
  return {
    private: own,
    rss,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
  };
}
