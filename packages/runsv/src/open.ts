import { fstatSync } from "node:fs";

import type { LineOutput, Unwritten } from "@upkeep/log-prefix/output/log-output";
import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { FatalError } from "@upkeep/program/process/run-program";
import type { Trace } from "@upkeep/program/trace/trace-file";
import { SystemError } from "@upkeep/linux/core/errno";
import type { EnvironmentEntry } from "@upkeep/linux/exec/environment";
import type { SpawnRequest, SpawnResult } from "@upkeep/linux/exec/spawn";
import type { ServiceDirectory } from "@upkeep/service-directory/files/directory";
import type { SupervisorIdentity } from "@upkeep/supervise/core/state-json";
import { NotAFifoError } from "@upkeep/supervise/fifo/supervisor-end";

import { findInheritances, findLogPipe, identityOf } from "./adopt/find.ts";
import { decodeHanded, type Handed } from "./core/adopt/handed.ts";
import type { Kin } from "./core/adopt/record.ts";
import type { SiblingPaths } from "./depend/dependencies.ts";
import type { Contain } from "./engine/contain.ts";
import { firstState } from "./engine/first-state.ts";
import type { Interpreter } from "./engine/interpreter.ts";
import { createLogPipe } from "./engine/output.ts";
import type { Report } from "./engine/report.ts";
import { currentMoment, ServiceEngine } from "./engine/service-engine.ts";
import { openSides, warnOfOthers, type Sides } from "./engine/sides.ts";

export type { Report } from "./engine/report.ts";

/** The process that engines live in. One of these serves all of them. */
export interface Surroundings {
  /** What services get. */
  readonly environment: readonly EnvironmentEntry[];
  /** The run of the system; null where it is not known. */
  readonly system: string | null;
  /** What a successor must know of this process; null where that cannot be told. */
  readonly supervisor: SupervisorIdentity | null;
  /** Where the lines of a service without a log service go. */
  readonly standardOutput: LineOutput;
  /** Descriptor of the standard error of services. */
  readonly standardError: number;
}

/** A service, and what its engine needs from the process it lives in. */
export interface SupervisorPorts {
  /** The path of the service directory now. */
  path(): string;
  /** The service's name. */
  readonly name: string;
  /** Where the other services are. */
  readonly siblings: SiblingPaths;
  readonly surroundings: Surroundings;
  report(...reported: Parameters<Report>): void;
  spawn(request: SpawnRequest): SpawnResult;
  /** Adopts a child of this process; false where it is none. */
  adoptChild?(pid: number): boolean;
  /** Called before each start of `./run`, with the directory, whose names are listed. */
  beforeStart?(directory: ServiceDirectory): void;
  readonly contain: Contain;
  /** Runs what is due at some time, now or later; absent: now. Where many engines live in one process, others come between. */
  readonly inTurn?: ((action: () => void) => void) | undefined;
  /** Runs an action at the end of this turn of the event loop; absent: at once. */
  readonly atTurnEnd?: ((action: () => void) => void) | undefined;
  readonly say: Diagnostics;
  /** Whether it is to end at once. Then it starts nothing, and does not wait for the lock of a log. */
  isToEnd(): boolean;
  /** Called when all is done. */
  onExit(): void;
  /** Called after each piece of work. */
  readonly onWork?: (() => void) | undefined;
  readonly trace?: Trace | null;
}

/** What an engine is given to begin with. */
export interface Given {
  /** A descriptor of the service directory, where our parent has given us one. */
  readonly opened?: number | null;
  /** What the engine before this one has told, where this process was executed anew. */
  readonly handed?: unknown;
}

/** The engine of a service. */
export interface Supervisor extends Pick<
  Interpreter,
  "beforeReaping" | "reaped" | "moveOver" | "isLeaving" | "underWay" | "tick"
> {
  /** Does what TERM asks of a runsv: ends the service, and then itself. Commands that were written before come first. */
  leave(): void;
  /** What the engine in its place needs to know when this process is executed anew. It changes nothing. */
  handOver(): Handed;
  /** Descriptor of the service directory, where it stands now. */
  directory(): number;
  /** Closes all that it has open, as if its process were killed: what runs goes on, and a successor adopts it. */
  close(): void;
}

/**
 * Opens a service directory for supervision, in runit's order, and leaves the engine ready for its first tick. Throws
 * {@link FatalError}; then nothing stays open.
 *
 * @param label what messages call the service directory.
 */
export async function openSupervisor(label: string, ports: SupervisorPorts, given: Given = {}): Promise<Supervisor> {
  try {
    return openEngine(ports, await openSides(ports, given.opened ?? null), decodeHanded(given.handed));
  } catch (error) {
    if (!(error instanceof SystemError || error instanceof NotAFifoError)) throw error;
    const fatal = new FatalError(error.message, label);
    fatal.cause = error;
    throw fatal;
  }
}

function openEngine(ports: SupervisorPorts, sides: Sides, handed: Handed | null): Supervisor {
  const { service, log } = sides;
  let close = (): void => {
    log?.side.close();
    service.side.close();
  };
  try {
    for (const side of [service, log]) if (side !== null) warnOfOthers(side, ports.say);
    const { system, supervisor } = ports.surroundings;
    const superviseDirectory = identityOf(service.files);
    const kin = kinOf(supervisor, handed !== null);
    const inherited = findInheritances(service, log, { name: ports.name, superviseDirectory }, system, kin);
    if (inherited.service !== null) service.files.recall();
    if (inherited.log !== null) log?.files.recall();
    const state = firstState(sides, inherited, currentMoment(), ports.isToEnd(), handed);
    const logPipe = log === null ? null : (findLogPipe(inherited) ?? createLogPipe());
    const inode = logPipe === null ? null : fstatSync(logPipe.read).ino;
    const engine = new ServiceEngine(ports, {
      service: service.side,
      log: log?.side ?? null,
      logPipe,
      supervision: { system, superviseDirectory, logPipe: inode, supervisor },
      state,
      resumed: { output: unwrittenOf(handed?.output), errors: unwrittenOf(handed?.errors) },
    });
    close = () => engine.close();
    engine.begin(state, inherited, handed);
    return engine;
  } catch (error) {
    close();
    throw error;
  }
}

function kinOf(supervisor: SupervisorIdentity | null, isRenewed: boolean): Kin {
  if (supervisor === null) return { self: null, parent: null };
  const { pid, startTicks, parent } = supervisor;
  return { self: pid === null ? null : `${pid} ${startTicks}`, parent, isRenewed };
}

function unwrittenOf(found: Handed["output"] | undefined): Unwritten | null {
  if (found === null || found === undefined) return null;
  return { lines: Buffer.from(found.lines, "base64"), unfinished: Buffer.from(found.unfinished, "base64") };
}
