import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";

import { commandsDirectory, isStandalone } from "@upkeep/program/command-line/invocation";
import { traceEntries, withoutTrace } from "@upkeep/program/trace/open-trace";
import { withoutEvents, type EventsChannel } from "@upkeep/supervise/parent/events";
import { lastStart, withoutLastStart } from "@upkeep/supervise/parent/last-start";
import { inheritedEnvironment, quietVariables } from "@upkeep/linux/exec/environment";
import { errno } from "@upkeep/linux/core/errno";
import { isForkFailure, spawn, type SpawnRequest } from "@upkeep/linux/exec/spawn";

import type { StartOutcome } from "../core/event.ts";

/**
 * Starts `runsv NAME` in the scan directory that `directory` is open on; `isLast`: only to end what is left of the
 * service, which a runsv that is not ours would start instead, so that it is not started.
 */
export type StartRunsv = (directory: number, name: string, isLast: boolean) => StartOutcome;

interface Settings {
  /** Each runsv leads a session and process group of its own. */
  readonly newSession: boolean;
  /** What each runsv, and all below it, has as standard error; null: ours. */
  readonly stderr: number | null;
  /** Where each runsv tells of its service. */
  readonly events: EventsChannel;
}

/** Errors that mean "no such program here". */
const notFound: ReadonlySet<number> = new Set([errno.ENOENT, errno.ENOTDIR, errno.EACCES]);

/**
 * Makes the starter of runsv. It is started by command name, so that PATH decides whose runsv it is;
 * where PATH has none, the one beside us is taken.
 */
export function createStartRunsv({ newSession, stderr, events }: Settings): StartRunsv {
  const environment = withoutTrace(withoutLastStart(withoutEvents(inheritedEnvironment())));
  const beside = commandsDirectory();
  const own = realPath(isStandalone ? process.execPath : join(beside, "runsv"));
  /** What our own runsv gets besides: the way to us and to the trace, and what spares it the start in which it would set these. */
  const ownEnvironment = [
    ...events.environmentOf(environment),
    ...traceEntries(),
    ...(isStandalone ? quietVariables : []),
  ];

  return (directory, name, isLast) => {
    const request = {
      argv: ["runsv", name],
      directory,
      newSession,
      stdio: [0, 1, stderr ?? 2],
    } as const;
    const inPath = findInPath();
    if (isLast && !isOurs(inPath ?? join(beside, "runsv"))) return { kind: "entryChanged" };
    const found = spawn({ ...request, path: "runsv", searchPath: true, ...giftsFor(inPath, isLast) });
    if (found.ok) return { kind: "started", pid: found.pid };
    const failed: StartOutcome = { kind: "startFailed", errno: found.errno, isFork: isForkFailure(found.errno) };
    if (!notFound.has(found.errno)) return failed;
    const path = join(beside, "runsv");
    const fallback = spawn({ ...request, path, ...giftsFor(path, isLast) });
    return fallback.ok ? { kind: "started", pid: fallback.pid } : failed;
  };

  /** Another runsv would hand on to its services what is meant for ours. */
  function giftsFor(path: string | null, isLast: boolean): Pick<SpawnRequest, "environment" | "descriptors"> {
    if (!isOurs(path)) return { environment };
    return { environment: isLast ? [...ownEnvironment, lastStart] : ownEnvironment, descriptors: events.descriptors };
  }

  function isOurs(path: string | null): boolean {
    return path !== null && own !== null && realPath(path) === own;
  }
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

/** The runsv that PATH leads to, where that can be told for sure. */
function findInPath(): string | null {
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
