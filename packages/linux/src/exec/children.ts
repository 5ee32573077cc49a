import { decodeExit, reapChildren, type Exit } from "../process/wait.ts";
import { spawn, type SpawnRequest, type SpawnResult } from "./spawn.ts";

/** The children of this process, which may have only one such table. */
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
