import { closeSync } from "node:fs";
import { join } from "node:path";

import { candidates, execvpSearch } from "@upkeep/program/core/path-search";
import { commandsDirectory, isStandalone } from "@upkeep/program/command-line/invocation";
import { isOurLauncher, leadsToUs } from "@upkeep/program/command-line/own-command";
import { traceEntries } from "@upkeep/program/trace/open-trace";
import { environmentOfServices } from "@upkeep/runsv/surroundings";
import type { EventsChannel } from "@upkeep/supervise/parent/events";
import { lastStart } from "@upkeep/supervise/parent/last-start";
import { parentEntry } from "@upkeep/supervise/parent/named-parent";
import { serviceDescriptorEntry } from "@upkeep/supervise/parent/service-descriptor";
import { quietVariables } from "@upkeep/linux/exec/environment";
import { errno } from "@upkeep/linux/core/errno";
import { freeInChildren } from "@upkeep/linux/fd/descriptor";
import { processInfo } from "@upkeep/linux/process/process-info";
import { isForkFailure, spawn, type SpawnRequest, type SpawnResult } from "@upkeep/linux/exec/spawn";
import { mayExecute, realPathOrNull } from "@upkeep/linux/fd/files";

import type { StartOutcome } from "../core/event.ts";
import { openEntry } from "./entry-descriptor.ts";

/**
 * Starts `runsv NAME` in the directory that descriptor `directory` is open on. `isLast`: only to end what is left of the
 * service. A runsv that is not ours would start the service instead, so it is not started.
 */
export type StartRunsv = (directory: number, name: string, isLast: boolean) => StartOutcome;

/** Starts runsv, and knows whose it is. */
export interface RunsvProgram {
  readonly start: StartRunsv;
  /** Its path where it is not ours; null: it is, and an engine in this process may take its place. */
  readonly foreign: () => string | null;
}

interface Settings {
  /** Each runsv leads a session and process group of its own. */
  readonly newSession: boolean;
  /** Standard error of each runsv and its descendants; null: ours. */
  readonly stderr: number | null;
  /** Where each runsv reports on its service. */
  readonly events: EventsChannel;
  /** Told of each runsv that is ours. */
  readonly onOwnStarted: (pid: number) => void;
}

/** Errors that mean "no such program here". */
const notFound: ReadonlySet<number> = new Set([errno.ENOENT, errno.ENOTDIR, errno.EACCES]);

/**
 * Makes the function that starts runsv. PATH decides which runsv that is; where PATH has none, it is the one beside us.
 */
export function createRunsvProgram({ newSession, stderr, events, onOwnStarted }: Settings): RunsvProgram {
  const environment = environmentOfServices();
  const self = processInfo("self");
  const beside = join(commandsDirectory(), "runsv");
  const own = realPathOrNull(isStandalone ? process.execPath : beside);
  /** Our own runsv also gets the descriptors for events and traces, and the variables that spare it a second start. */
  const ownEnvironment = [
    ...events.environmentOf(environment),
    ...(self === null ? [] : [parentEntry(process.pid, self.startTicks)]),
    ...traceEntries(),
    ...(isStandalone ? quietVariables : []),
  ];
  /** The number of the descriptor on which it gets its service directory. */
  const serviceNumber = freeInChildren(Math.max(2, ...Object.keys(events.descriptors).map(Number)) + 1);

  const start: StartRunsv = (directory, name, isLast) => {
    const launch = (path: string, file: string | null): SpawnResult | "gone" => {
      const service = isOurs(file) ? openEntry(`/proc/self/fd/${directory}/${name}`, serviceNumber + 1) : null;
      if (service === "gone") return service;
      const result = spawn({
        argv: ["runsv", operandOf(name)],
        directory,
        newSession,
        stdio: [0, 1, stderr ?? 2],
        path,
        searchPath: path === "runsv",
        ...extrasFor(file, isLast, service),
      });
      if (service !== null) closeSync(service);
      if (result.ok && isOurs(file)) onOwnStarted(result.pid);
      return result;
    };
    const started = (pid: number, file: string | null): StartOutcome => ({
      kind: "started",
      pid,
      follows: isOurs(file),
    });
    const inPath = findInPath();
    if (isLast && !isOurs(inPath ?? beside)) return { kind: "entryChanged" };
    // A launcher would start a shell for each.
    const isLauncher = inPath !== null && own !== null && isOurLauncher(inPath, own);
    const found = launch(isLauncher ? own : "runsv", inPath);
    if (found === "gone") return { kind: "entryChanged" };
    if (found.ok) return started(found.pid, inPath);
    const fallback = notFound.has(found.errno) ? launch(beside, beside) : found;
    if (fallback === "gone") return { kind: "entryChanged" };
    if (fallback.ok) return started(fallback.pid, beside);
    return { kind: "startFailed", errno: found.errno, isFork: isForkFailure(found.errno) };
  };
  return {
    start,
    foreign: oncePerTurn(() => {
      const path = findInPath() ?? beside;
      return isOurs(path) ? null : path;
    }),
  };

  /** Another runsv would pass on to its services what is meant for ours. */
  function extrasFor(
    path: string | null,
    isLast: boolean,
    service: number | null,
  ): Pick<SpawnRequest, "environment" | "descriptors"> {
    if (!isOurs(path)) return { environment };
    const entries = isLast ? [...ownEnvironment, lastStart] : ownEnvironment;
    if (service === null) return { environment: entries, descriptors: events.descriptors };
    return {
      environment: [...entries, serviceDescriptorEntry(serviceNumber)],
      descriptors: { ...events.descriptors, [serviceNumber]: service },
    };
  }

  function isOurs(path: string | null): boolean {
    return path !== null && own !== null && leadsToUs(path, own);
  }
}

/** Asks once for all who want to know in one turn of the event loop, in which many services may be started. */
function oncePerTurn<Answer>(ask: () => Answer): () => Answer {
  let known: { readonly answer: Answer } | null = null;
  return () => {
    if (known === null) queueMicrotask(() => (known = null));
    return (known ??= { answer: ask() }).answer;
  };
}

/** What runsv is told of an entry: our runsv would answer these two names. */
function operandOf(name: string): string {
  return name === "--help" || name === "--version" ? `./${name}` : name;
}

/** The runsv that PATH leads to; null where it has none, or a relative directory comes first. */
function findInPath(): string | null {
  for (const path of candidates(execvpSearch, "runsv", process.env["PATH"] ?? null)) {
    if (!path.startsWith("/")) return null;
    if (mayExecute(path)) return path;
  }
  return null;
}
