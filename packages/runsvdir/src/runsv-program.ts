import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";

import { commandsDirectory, isStandalone } from "@upkeep/program/invocation";
import { inheritedEnvironment, quietVariables, type EnvironmentEntry } from "@upkeep/syscalls/environment";
import { errno } from "@upkeep/syscalls/errno";
import { isForkFailure, spawn } from "@upkeep/syscalls/spawn";

import type { StartOutcome } from "./event.ts";

/** Starts `runsv NAME` in the scan directory that `directory` is open on. */
export type StartRunsv = (directory: number, name: string) => StartOutcome;

interface Settings {
  /** Each runsv leads a session and process group of its own. */
  readonly newSession: boolean;
  /** What each runsv, and all below it, has as standard error; null: ours. */
  readonly stderr: number | null;
}

/** Errors that mean "no such program here". */
const notFound: ReadonlySet<number> = new Set([errno.ENOENT, errno.ENOTDIR, errno.EACCES]);

/**
 * Makes the starter of runsv. It is started by command name, so that PATH decides whose runsv it is;
 * where PATH has none, the one beside us is taken.
 */
export function createStartRunsv({ newSession, stderr }: Settings): StartRunsv {
  const environment = inheritedEnvironment();
  const quietEnvironment = [...environment, ...quietVariables];
  const beside = commandsDirectory();

  return (directory, name) => {
    const request = {
      argv: ["runsv", name],
      directory,
      newSession,
      stdio: [0, 1, stderr ?? 2],
    } as const;
    const found = spawn({ ...request, path: "runsv", searchPath: true, environment: environmentFor(findInPath()) });
    if (found.ok) return { kind: "started", pid: found.pid };
    const failed: StartOutcome = { kind: "startFailed", errno: found.errno, isFork: isForkFailure(found.errno) };
    if (!notFound.has(found.errno)) return failed;
    const path = join(beside, "runsv");
    const fallback = spawn({ ...request, path, environment: environmentFor(path) });
    return fallback.ok ? { kind: "started", pid: fallback.pid } : failed;
  };

  /** Spares our own runsv the start in which it would set these variables; no other is to inherit them. */
  function environmentFor(path: string | null): readonly EnvironmentEntry[] {
    return isThisExecutable(path) ? quietEnvironment : environment;
  }
}

function isThisExecutable(path: string | null): boolean {
  if (path === null || !isStandalone) return false;
  try {
    return realpathSync(path) === realpathSync(process.execPath);
  } catch {
    return false;
  }
}

/** The runsv that PATH leads to, where that can be told for sure. */
function findInPath(): string | null {
  if (!isStandalone) return null;
  for (const directory of (process.env["PATH"] ?? "/bin:/usr/bin").split(delimiter)) {
    const path = join(directory, "runsv");
    if (!directory.startsWith("/")) return null;
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this one.
    }
  }
  return null;
}
