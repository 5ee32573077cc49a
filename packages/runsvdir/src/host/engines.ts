import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { FatalError, internalError } from "@upkeep/program/process/run-program";
import { openTrace } from "@upkeep/program/trace/open-trace";
import { errno, errnoOf } from "@upkeep/linux/core/errno";
import type { SignalName } from "@upkeep/linux/core/signals";
import { spawn } from "@upkeep/linux/exec/spawn";
import { processInfo } from "@upkeep/linux/process/process-info";
import type { Reaped } from "@upkeep/linux/process/wait";
import type { Contain } from "@upkeep/runsv/engine/contain";
import { openSupervisor, type Supervisor, type Surroundings } from "@upkeep/runsv/open";
import { reportTo } from "@upkeep/runsv/engine/report";
import type { ServiceDirectory } from "@upkeep/service-directory/files/directory";
import { codeOfEvent } from "@upkeep/supervise/parent/events";

import type { RunsvEnd } from "../core/event.ts";
import { HandsOver } from "./hands-over.ts";

/**
 * Engines of services in this process, each in the place of a runsv. Their numbers are below zero, so that none is a pid.
 */
export interface Engines {
  /** Opens one. How that goes is told later, as for a process. */
  open(entry: InlineEntry): number;
  /** Does to an engine what the signal does to a runsv; false when the number is not that of one. */
  signal(number: number, signal: SignalName): boolean;
  /** Whether an engine that was asked to leave has had another command since; null when the number is not that of one. */
  isCalledBack(number: number): boolean | null;
  /** A child of this process is about to be reaped. */
  beforeReaping(pid: number): void;
  /** A child was reaped; false when no engine has started it. */
  reaped(child: Reaped): boolean;
  /** How many descriptors they may have open. */
  descriptors(): number;
  /** Whether one is still being opened. */
  areOpening(): boolean;
  /** What they must not be replaced in the middle of, as words behind our name; null: nothing. */
  underWay(): string | null;
  /** What an engine tells the one that takes its place when this process is executed anew. */
  handOver(number: number): unknown;
  /** Runs an action when all have ended. */
  whenGone(action: () => void): void;
}

/** A service that gets an engine. */
export interface InlineEntry {
  readonly name: string;
  /** The path of its directory now. */
  readonly path: () => string;
  /** A descriptor of it, which the engine takes; null: none. */
  readonly opened: number | null;
  /** It is opened only to end what is left of the service. */
  readonly isLast: boolean;
  /** How many it opens at most. */
  readonly descriptors: number;
  /** What the engine before it has told; null where this process has not been executed anew since. */
  readonly handed?: unknown;
}

const tooMany: ReadonlySet<number> = new Set([errno.EMFILE, errno.ENFILE]);

export interface EnginesPorts {
  readonly surroundings: Surroundings;
  /** The path of another service now. */
  readonly siblings: (name: string) => string | null;
  /** Called before each start of `./run`. Throws HandsOver for a service that needs a process of its own. */
  readonly beforeStart: (entry: InlineEntry, directory: ServiceDirectory) => void;
  /** A critical service has ended for good, with this exit code. */
  readonly onCritical: (name: string, code: number) => void;
  /** An engine has ended. */
  readonly onEnd: (number: number, end: RunsvEnd) => void;
  /** There is no descriptor left for this one. */
  readonly onNoRoom: (entry: InlineEntry) => void;
  readonly onWork: () => void;
  /** Runs what is due in an engine, when it is its turn. */
  readonly inTurn: (action: () => void) => void;
  /** Runs an action at the end of this turn of the event loop. */
  readonly atTurnEnd: (action: () => void) => void;
  /** Makes the messages of a program. */
  readonly sayAs: (prefix: string) => Diagnostics;
}

export function createEngines(ports: EnginesPorts): Engines {
  const engines = new Map<number, Engine>();
  /** Whose child each is. An exit costs the same however many engines there are. */
  const owners = new Map<number, Engine>();
  let last = 0;
  let descriptors = 0;
  let onGone: (() => void) | null = null;

  const remove = (number: number, end: RunsvEnd): void => {
    if (!engines.delete(number)) return;
    ports.onEnd(number, end);
    if (engines.size === 0) onGone?.();
  };

  return {
    open: (entry) => {
      const number = --last;
      descriptors += entry.descriptors;
      const engine = createEngine(number, entry, ports, {
        onChild: (pid) => void owners.set(pid, engine),
        onEnd: (end) => {
          descriptors -= entry.descriptors;
          remove(number, end);
        },
      });
      engines.set(number, engine);
      // The caller hears first that there is one.
      setImmediate(engine.begin);
      return number;
    },
    signal: (number, signal) => {
      engines.get(number)?.signal(signal);
      return number < 0;
    },
    isCalledBack: (number) => {
      if (number >= 0) return null;
      return engines.get(number)?.supervisor()?.isLeaving() === false;
    },
    beforeReaping: (pid) => owners.get(pid)?.use((supervisor) => supervisor.beforeReaping(pid)),
    reaped: (child) => {
      const owner = owners.get(child.pid);
      owners.delete(child.pid);
      owner?.use((supervisor) => supervisor.reaped([child]));
      return owner !== undefined;
    },
    descriptors: () => descriptors,
    areOpening: () => [...engines.values()].some((engine) => engine.isOpening()),
    underWay: () => {
      for (const engine of engines.values()) {
        const found = engine.isOpening() ? "it is being opened" : (engine.supervisor()?.underWay() ?? null);
        if (found !== null) return `${engine.name}: ${found}`;
      }
      return null;
    },
    handOver: (number) => engines.get(number)?.supervisor()?.handOver() ?? null,
    whenGone: (action) => {
      onGone = action;
      if (engines.size === 0) action();
    },
  };
}

/** One engine. */
interface Engine {
  readonly name: string;
  isOpening(): boolean;
  supervisor(): Supervisor | null;
  begin(): void;
  signal(signal: SignalName): void;
  /** Does something with it, if it is open. An error ends it. */
  use(action: (supervisor: Supervisor) => void): void;
}

/** What an engine tells of itself. */
interface EngineEvents {
  readonly onChild: (pid: number) => void;
  readonly onEnd: (end: RunsvEnd) => void;
}

function createEngine(
  number: number,
  entry: InlineEntry,
  ports: EnginesPorts,
  { onChild, onEnd }: EngineEvents,
): Engine {
  const { name } = entry;
  // Each engine needs a number of its own in a trace, which no pid is.
  const traceNumber = -(process.pid * 2 ** 20 - number);
  const say = ports.sayAs(`runsv ${name}`);
  let supervisor: Supervisor | null = null;
  let isToEnd = entry.isLast;
  let isOver = false;
  let isBroken = false;

  const end = (how: RunsvEnd): void => {
    if (isOver) return;
    isOver = true;
    supervisor?.close();
    supervisor = null;
    onEnd(how);
  };

  /** An error ends this engine only. What runs goes on, and the next engine adopts it. */
  const fail = (error: unknown): void => {
    if (!(error instanceof HandsOver)) say.warning(`${internalError(error)}; opening it again`);
    // Whoever is still in the middle of something with it comes to an end first.
    isBroken = true;
    setImmediate(end, error instanceof HandsOver ? "handedOver" : "fault");
  };

  const contain: Contain =
    (action) =>
    (...args) => {
      if (isOver || isBroken) return;
      try {
        action(...args);
      } catch (error) {
        fail(error);
      }
    };

  const use: Engine["use"] = (action) => {
    if (isOver || isBroken || supervisor === null) return;
    try {
      action(supervisor);
    } catch (error) {
      fail(error);
    }
  };

  const open = async (): Promise<void> => {
    const { handed } = entry;
    const opened = await openSupervisor(name, {
      handed,
      path: entry.path,
      opened: entry.opened,
      name,
      siblings: ports.siblings,
      surroundings: ports.surroundings,
      report: reportTo(name, name, (event) => {
        if (event.critical) ports.onCritical(name, codeOfEvent(event));
      }),
      spawn: (request) => {
        const result = spawn(request);
        if (result.ok) onChild(result.pid);
        return result;
      },
      adoptChild: (pid) => {
        const isChild = processInfo(pid)?.parent === process.pid;
        if (isChild) onChild(pid);
        return isChild;
      },
      beforeStart: (directory) => ports.beforeStart(entry, directory),
      contain,
      inTurn: ports.inTurn,
      atTurnEnd: ports.atTurnEnd,
      say,
      isToEnd: () => isToEnd,
      onExit: () => end("success"),
      onWork: ports.onWork,
      trace: await openTrace("runsv", name, say.warning, traceNumber),
    });
    if (isOver) return opened.close();
    supervisor = opened;
    use((engine) => (isToEnd ? engine.leave() : engine.tick()));
  };

  return {
    name,
    isOpening: () => supervisor === null && !isOver,
    supervisor: () => supervisor,
    begin: () => {
      open().catch((error: unknown) => {
        if (isOver) return;
        if (error instanceof FatalError && tooMany.has(errnoOf(error.cause))) {
          ports.onNoRoom(entry);
          return end("handedOver");
        }
        say.fatal(error instanceof FatalError ? error.message : internalError(error));
        end("failure");
      });
    },
    signal: (signal) => {
      if (signal === "SIGKILL") return end("killed");
      if (signal === "SIGCONT") return use((engine) => engine.moveOver());
      isToEnd = true;
      use((engine) => engine.leave());
    },
    use,
  };
}
