import { closeSync, constants, openSync } from "node:fs";

import { attempt, SystemError } from "@upkeep/linux/core/errno";
import { environmentAtStart } from "@upkeep/linux/exec/environment";
import type { Exit } from "@upkeep/linux/process/wait";
import { sendSignal } from "@upkeep/linux/signal/signal";
import { O_PATH } from "@upkeep/linux/fd/files";

import { children } from "./children.ts";

/**
 * Runs ./check in a service directory, with our environment byte for byte, which the runtimes' own spawn would change.
 * When `signal` aborts, the script gets TERM. Rejects with a SystemError that says it was unable to do `operation`.
 */
export async function runCheck(path: string, operation: string, signal: AbortSignal): Promise<Exit> {
  const { promise, resolve } = Promise.withResolvers<Exit>();
  const directory = attempt(operation, () => openSync(path, O_PATH | constants.O_DIRECTORY));
  // A script must not fail because it prints something, and what it prints is no output of sv.
  const nowhere = openNowhere();
  const started = children.start(
    {
      path: "./check",
      argv: ["./check"],
      environment: environmentAtStart(),
      directory,
      newSession: false,
      stdio: [0, nowhere, 2],
    },
    resolve,
  );
  closeSync(directory);
  if (nowhere !== null) closeSync(nowhere);
  if (!started.ok) throw new SystemError(operation, started.errno);
  const end = (): void => void sendSignal(started.pid, "SIGTERM");
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  const exit = await promise;
  signal.removeEventListener("abort", end);
  return exit;
}

/** Null where there is no /dev/null. */
function openNowhere(): number | null {
  try {
    return openSync("/dev/null", "w");
  } catch {
    return null;
  }
}
