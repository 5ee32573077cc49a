import { Buffer } from "node:buffer";
import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";

import { longestTimer } from "@upkeep/program/loop/timer";
import { attempt, errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";

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
  const operation = `run ${label}/check`;
  requireRunnable(`${path}/check`, operation);
  const result = await execute(path, signal).catch((error: unknown) => {
    // execa on Bun throws a TypeError for ENOEXEC, which a program for another machine gives.
    throw error instanceof TypeError ? new SystemError(operation, errno.ENOEXEC) : error;
  });
  if (result.exitCode === undefined && result.signal === undefined && !result.isCanceled) {
    throw SystemError.from(operation, result.cause);
  }
  return result.exitCode === 0 && !result.isCanceled;
}

/** How a program ended, or why it did not begin. */
interface Ending {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly isCanceled: boolean;
  readonly cause?: unknown;
}

async function execute(path: string, signal: AbortSignal): Promise<Ending> {
  const { execa } = await import("execa");
  return execa("./check", {
    cwd: path,
    stdin: "inherit",
    // A script must not fail because it prints something, and what it prints is no output of sv.
    stdout: "ignore",
    stderr: "inherit",
    reject: false,
    cancelSignal: signal,
    forceKillAfterDelay: false,
    // With cleanup, execa catches TERM and INT while the script runs, and loses them when Ctrl-C ends the script, too.
    cleanup: false,
  });
}

/**
 * Throws what execve says of a file that is not executable, or has no format that the kernel knows. Node would hand
 * a script without `#!` to /bin/sh.
 */
function requireRunnable(file: string, operation: string): void {
  attempt(operation, () => accessSync(file, constants.X_OK));
  if (!statSync(file).isFile()) throw new SystemError(operation, errno.EACCES);
  const start = firstBytes(file);
  if (start !== null && !/^(?:#!|\x7fELF)/.test(start)) throw new SystemError(operation, errno.ENOEXEC);
}

/** Null for a file that may be executed but not read. */
function firstBytes(file: string): string | null {
  let fd: number;
  try {
    fd = openSync(file, "r");
  } catch {
    return null;
  }
  try {
    const bytes = Buffer.alloc(4);
    return bytes.toString("latin1", 0, readSync(fd, bytes));
  } finally {
    closeSync(fd);
  }
}
