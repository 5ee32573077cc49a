import { closeSync, fstatSync, statSync } from "node:fs";

import type { LineOutput, Unwritten } from "@upkeep/log-prefix/output/log-output";
import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { FatalError } from "@upkeep/program/process/run-program";
import type { Trace } from "@upkeep/program/trace/trace-file";
import { SystemError } from "@upkeep/linux/core/errno";
import type { EnvironmentEntry } from "@upkeep/linux/exec/environment";
import type { SpawnRequest, SpawnResult } from "@upkeep/linux/exec/spawn";
import { duplicateAbove } from "@upkeep/linux/fd/descriptor";
import { setSubreaper } from "@upkeep/linux/process/process-control";
import { bootMillis, monotonicMillis, wallClock } from "@upkeep/linux/time/clock";
import type { ServiceDirectory } from "@upkeep/service-directory/files/directory";
import type { SupervisorIdentity } from "@upkeep/supervise/core/state-json";
import { NotAFifoError } from "@upkeep/supervise/fifo/supervisor-end";

import { findInheritances, findLogPipe, identityOf, type Inheritance } from "./adopt/find.ts";
import { decodeHanded, type Handed } from "./core/adopt/handed.ts";
import type { Kin } from "./core/adopt/record.ts";
import { adopt, remember } from "./core/adopt/resume.ts";
import type { Moment } from "./core/moment.ts";
import type { Slot } from "./core/slot.ts";
import { initialState, type State } from "./core/supervisor.ts";
import { openDependencies, type SiblingPaths } from "./depend/dependencies.ts";
import type { Contain } from "./engine/contain.ts";
import { withFreshStdio } from "./engine/fresh-stdio.ts";
import { createEndRecords } from "./engine/end-records.ts";
import { createInterpreter, type Interpreter } from "./engine/interpreter.ts";
import { closeLogPipe, createLogPipe, createServiceOutput } from "./engine/output.ts";
import { createProcesses } from "./engine/processes.ts";
import { createPublisher } from "./engine/publisher.ts";
import type { Report } from "./engine/report.ts";
import { follow, openSides, warnOfOthers, type Door, type LockedSide } from "./engine/sides.ts";

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
  readonly path: () => string;
  /** A descriptor of it, where our parent has given us one. */
  readonly opened?: number | null;
  /** The service's name. */
  readonly name: string;
  /** Where the other services are. */
  readonly siblings: SiblingPaths;
  readonly surroundings: Surroundings;
  readonly report: Report;
  readonly spawn: (request: SpawnRequest) => SpawnResult;
  /** Adopts a child of this process; false where it is none. */
  readonly adoptChild?: (pid: number) => boolean;
  /** Called before each start of `./run`, with the directory, whose names are listed. */
  readonly beforeStart?: (directory: ServiceDirectory) => void;
  readonly contain: Contain;
  /** Runs what is due at some time, now or later; absent: now. Where many engines live in one process, others come between. */
  readonly inTurn?: (action: () => void) => void;
  /** Runs an action at the end of this turn of the event loop; absent: at once. */
  readonly atTurnEnd?: (action: () => void) => void;
  readonly say: Diagnostics;
  /** Whether it is to end at once. Then it starts nothing, and does not wait for the lock of a log. */
  readonly isToEnd: () => boolean;
  /** Called when all is done. */
  readonly onExit: () => void;
  /** Called after each piece of work. */
  readonly onWork?: (() => void) | undefined;
  readonly trace?: Trace | null;
  /** What the engine before this one has told, where this process was executed anew. */
  readonly handed?: unknown;
}

/** The engine of a service. */
export interface Supervisor extends Omit<Interpreter, "check"> {
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
export async function openSupervisor(label: string, ports: SupervisorPorts): Promise<Supervisor> {
  const closers: (() => void)[] = [];
  const close = (): void => {
    for (const one of closers.splice(0).toReversed()) one();
  };
  try {
    const supervisor = await open(ports, (closer) => void closers.push(closer));
    return Object.assign(supervisor, { close });
  } catch (error) {
    close();
    if (!(error instanceof SystemError || error instanceof NotAFifoError)) throw error;
    const fatal = new FatalError(error.message, label);
    fatal.cause = error;
    throw fatal;
  }
}

async function open(ports: SupervisorPorts, onOpened: (close: () => void) => void): Promise<Omit<Supervisor, "close">> {
  const { name, say, isToEnd, onExit, onWork, trace = null, surroundings, contain } = ports;
  const handed = decodeHanded(ports.handed);
  const { environment, system, supervisor, standardOutput, standardError } = surroundings;
  let interpreter: Interpreter | null = null;
  const door: Door = {
    onCommands: contain((slot, commands) => interpreter?.obey(slot, commands)),
    wake: contain(() => interpreter?.tick()),
    onOpened,
  };
  const { service, log } = await openSides(ports.path, ports.opened ?? null, door, say, isToEnd);
  const { directory } = service;
  for (const side of [service, log]) warnOfOthers(side, say);
  const superviseDirectory = identityOf(service.files);
  const kin = kinOf(supervisor, handed !== null);
  const inherited = findInheritances(service, log, { name, superviseDirectory }, system, kin);
  if (inherited.service !== null) service.files.recall();
  if (inherited.log !== null) log?.files.recall();
  const logPipe = log === null ? null : (findLogPipe(inherited) ?? createLogPipe());
  if (logPipe !== null) onOpened(() => closeLogPipe(logPipe));
  service.openControl();
  log?.openControl();
  const inode = logPipe === null ? null : fstatSync(logPipe.read).ino;
  const supervision = { system, superviseDirectory, logPipe: inode, supervisor };
  const publisher = createPublisher({ service, log, name, supervision, say, now: monotonicMillis });
  const state = firstState(service, log, inherited, isToEnd(), handed);
  publisher.begin(state);
  service.files.openOk();
  log?.files.openOk();
  // One more is needed time and again: without it no state could be published, and no setting read.
  closeSync(duplicateAbove(directory.fd, 0));

  const resumed = { output: unwrittenOf(handed?.output), errors: unwrittenOf(handed?.errors) };
  const shown = { standardOutput, standardError, contain, resumed };
  const output = createServiceOutput({ directory, files: service.files, logPipe, name, say, ...shown });
  onOpened(() => output.abandon());
  const processes = createProcesses({
    service: directory,
    log: log?.directory ?? null,
    name,
    environment,
    logPipe,
    output,
    say,
    spawn: ports.spawn,
    freshStdio: withFreshStdio,
    contain,
    standardError,
    adoptChild: (pid) => ports.adoptChild?.(pid) === true,
    setSubreaper,
    onNotified: (pid) => interpreter?.notified(pid),
    onLost: contain((slot, pid) => interpreter?.lost(slot, pid)),
  });
  onOpened(() => processes.close());
  if (inherited.service !== null) processes.adopt("service", inherited.service, handed);
  if (inherited.log !== null) processes.adopt("log", inherited.log);
  const onChange = contain(() => interpreter?.dependencyChanged());
  const engine = createInterpreter(state, {
    processes,
    publisher,
    dependencies: openDependencies(ports.siblings, name, directory, onChange, say.warning),
    beforeStart: () => ports.beforeStart?.(directory),
    follow: (slot) => follow(slot === "log" ? log : service, say),
    lookAnew: () => {
      directory.lookAnew();
      log?.directory.lookAnew();
    },
    hasLog: () => statSync(directory.path("log"), { throwIfNoEntry: false })?.isDirectory() === true,
    report: ports.report,
    ends: createEndRecords({ service: service.files, log: log?.files ?? null, output }),
    logPipe,
    say,
    now: currentMoment,
    onWork,
    contain,
    inTurn: ports.inTurn,
    atTurnEnd: ports.atTurnEnd,
    trace,
    onExit: () => void output.close().then(onExit),
  });
  interpreter = engine;
  onOpened(() => engine.stop());
  const handOver = (): Handed => {
    const unwritten = output.unwritten();
    return {
      check: engine.check(),
      notification: processes.notification(),
      output: encodeUnwritten(unwritten.output),
      errors: encodeUnwritten(unwritten.errors),
    };
  };
  const leave = (): void => {
    service.files.takeCommands();
    engine.obey("service", ["exit"]);
  };
  return Object.assign(engine, { leave, handOver, directory: () => directory.fd });
}

function kinOf(supervisor: SupervisorIdentity | null, isRenewed: boolean): Kin {
  if (supervisor === null) return { self: null, parent: null };
  const { pid, startTicks, parent } = supervisor;
  return { self: pid === null ? null : `${pid} ${startTicks}`, parent, isRenewed };
}

function encodeUnwritten(found: Unwritten | null): Handed["output"] {
  if (found === null) return null;
  const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
  return { lines: encode(found.lines), unfinished: encode(found.unfinished) };
}

function unwrittenOf(found: Handed["output"] | undefined): Unwritten | null {
  if (found === null || found === undefined) return null;
  return { lines: Buffer.from(found.lines, "base64"), unfinished: Buffer.from(found.unfinished, "base64") };
}

/** Three clocks, now. */
function currentMoment(): Moment {
  return { wall: wallClock(), monotonic: monotonicMillis(), boot: bootMillis() };
}

function firstState(
  service: LockedSide,
  log: LockedSide | null,
  inherited: { readonly service: Inheritance | null; readonly log: Inheritance | null },
  isToEnd: boolean,
  handed: Handed | null,
): State {
  const at = currentMoment();
  const wants = { service: service.wants, log: log === null ? null : isToEnd ? "down" : log.wants } as const;
  const fresh = initialState(wants, at, service.settings);
  return {
    ...fresh,
    service: resume(fresh.service, inherited.service, service, at, handed),
    log: fresh.log === null || log === null ? null : resume(fresh.log, inherited.log, log, at, null),
  };
}

function resume(
  slot: Slot,
  inheritance: Inheritance | null,
  { settings }: LockedSide,
  at: Moment,
  handed: Handed | null,
): Slot {
  if (inheritance === null) return slot;
  const { former, claim, isReplaced } = inheritance;
  const known = isReplaced ? remember(slot, former, settings, at) : slot;
  return claim === null ? known : adopt(known, former, claim, settings, at, handed);
}
