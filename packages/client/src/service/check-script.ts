import { longestTimer } from "@upkeep/linux/time/timer";
import { errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";

import { hasFile } from "./client.ts";

/** The check script of one service. */
export interface CheckScript {
  /**
   * Runs it: true when it exits 0, when there is none, and when it cannot be executed, which is warned of once. When
   * `signal` aborts, it gets TERM, and the answer is false.
   */
  passes(signal: AbortSignal): Promise<boolean>;
}

/** Errors that say nothing about the script: at the moment, the system cannot start any program. */
const shortages: ReadonlySet<number> = new Set([errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE]);

/** The check script in the service directory at `path`. Nothing is read before it is to run. */
export function checkScriptOf(path: string, label: string, warn: (message: string) => void): CheckScript {
  let lastWarning = "";
  const warnOnce = (error: unknown): void => {
    if (!(error instanceof SystemError)) throw error;
    if (error.message !== lastWarning) warn(error.message);
    lastWarning = error.message;
  };
  return {
    async passes(signal) {
      try {
        if (!hasFile(path, label, "check")) return true;
      } catch (error) {
        warnOnce(error);
        return false;
      }
      try {
        return await run(path, label, signal);
      } catch (error) {
        warnOnce(error);
        return !shortages.has(errnoOf(error));
      }
    },
  };
}

/** Whether the check script passes before `deadline`, in monotonic ms. A script that still runs then is ended. */
export async function passesBefore(check: CheckScript, deadline: number): Promise<boolean> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timeIsOver = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), Math.min(Math.max(deadline - performance.now(), 0), longestTimer));
  });
  try {
    return await Promise.race([check.passes(controller.signal), timeIsOver]);
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}

async function run(path: string, label: string, signal: AbortSignal): Promise<boolean> {
  // The foreign function interface is loaded only for those who have a script.
  const { runCheck } = await import("./check-process.ts");
  const exit = await runCheck(path, `run ${label}/check`, signal);
  return exit.kind === "exited" && exit.code === 0 && !signal.aborted;
}
