import { spawn, type SpawnRequest, type SpawnResult } from "@upkeep/linux/exec/spawn";
import { decodeExit, reapChildren, type Exit } from "@upkeep/linux/process/wait";

/** The children of this process. */
export interface Children {
  /** Starts one; `onExit` is called after this call has returned. */
  start(request: SpawnRequest, onExit: (exit: Exit) => void): SpawnResult;
  /** To be called on each SIGCHLD. */
  reap(): void;
}

export function createChildren(): Children {
  const waiting = new Map<number, (exit: Exit) => void>();
  return {
    start: (request, onExit) => {
      const result = spawn(request);
      if (result.ok) waiting.set(result.pid, onExit);
      return result;
    },
    reap: () => {
      for (const { pid, status } of reapChildren()) {
        const onExit = waiting.get(pid);
        waiting.delete(pid);
        onExit?.(decodeExit(status));
      }
    },
  };
}
