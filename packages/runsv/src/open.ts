import { fstatSync, statSync } from "node:fs";

import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { FatalError } from "@upkeep/program/process/run-program";
import { withoutTrace } from "@upkeep/program/trace/open-trace";
import type { Trace } from "@upkeep/program/trace/trace-file";
import { errno, errnoOf, reasonOf, SystemError } from "@upkeep/linux/core/errno";
import { inheritedEnvironment } from "@upkeep/linux/exec/environment";
import { spawn } from "@upkeep/linux/exec/spawn";
import { processInfo, systemRun } from "@upkeep/linux/process/process-info";
import { isThere } from "@upkeep/linux/fd/files";
import { setSubreaper } from "@upkeep/linux/process/process-control";
import { bootMillis, monotonicMillis, wallClock } from "@upkeep/linux/time/clock";
import {
  hasFile,
  openFollowedDirectory,
  type FollowedDirectory,
  type ServiceDirectory,
} from "@upkeep/service-directory/files/directory";
import { readSettings, type StartSettings } from "@upkeep/service-directory/files/settings";
import type { Command } from "@upkeep/supervise/core/command";
import type { SupervisorIdentity } from "@upkeep/supervise/core/state-json";
import { NotAFifoError } from "@upkeep/supervise/fifo/supervisor-end";
import { isOwnDirectory } from "@upkeep/supervise/files/own-file";
import { withoutEvents } from "@upkeep/supervise/parent/events";
import { withoutLastStart } from "@upkeep/supervise/parent/last-start";
import { serviceDescriptor, withoutServiceDescriptor } from "@upkeep/supervise/parent/service-descriptor";

import { findInheritances, findLogPipe, type Inheritance, type Place } from "./adopt/find.ts";
import { adopt, remember } from "./core/adopt/resume.ts";
import type { Moment } from "./core/moment.ts";
import type { Slot, SlotName } from "./core/slot.ts";
import { initialState, type State } from "./core/supervisor.ts";
import { openDependencies } from "./depend/dependencies.ts";
import { withFreshStdio } from "./engine/fresh-stdio.ts";
import { createEndRecords } from "./engine/end-records.ts";
import { createInterpreter, type Interpreter } from "./engine/interpreter.ts";
import { createLogPipe, createServiceOutput } from "./engine/output.ts";
import { createProcesses } from "./engine/processes.ts";
import { createPublisher, type Published } from "./engine/publisher.ts";
import { openReport } from "./engine/report.ts";
import { createSuperviseFiles, type SuperviseFiles } from "./engine/supervise-files.ts";

/** Milliseconds until a control FIFO that could not be read is opened again. */
const reopenPause = 1000;
/** Milliseconds between two tries for a log lock that somebody else holds. */
const lockPause = 100;

/** What a supervisor needs from the process it lives in. */
export interface SupervisorPorts {
  readonly say: Diagnostics;
  /** Whether it is to end at once. Then it starts nothing, and does not wait for the lock of a log. */
  readonly isToEnd: () => boolean;
  /** Called when all is done. */
  readonly onExit: () => void;
  /** Called after each piece of work. */
  readonly onWork?: (() => void) | undefined;
  readonly trace?: Trace | null;
}

/**
 * Opens a service directory for supervision, in runit's order, and leaves the engine ready for its first tick. Throws
 * {@link FatalError}.
 *
 * @param path the service directory. @param name the service's name.
 */
export async function openSupervisor(path: string, name: string, ports: SupervisorPorts): Promise<Interpreter> {
  try {
    return await open(path, name, ports);
  } catch (error) {
    if (error instanceof SystemError || error instanceof NotAFifoError) throw new FatalError(error.message, path);
    throw error;
  }
}

/** What is open of one slot. */
interface Side extends Published {
  readonly slot: SlotName;
  readonly directory: FollowedDirectory;
  readonly wants: "up" | "down";
  openControl(): void;
}

/** A side whose lock is ours, and its settings. */
interface LockedSide extends Side, Omit<Place, "directory" | "files"> {
  readonly files: SuperviseFiles;
  readonly settings: StartSettings;
}

/** Where commands go, and what wakes the engine; it is opened last. */
interface Door {
  readonly onCommands: (slot: SlotName, commands: readonly Command[]) => void;
  readonly wake: () => void;
}

async function open(
  path: string,
  name: string,
  { say, isToEnd, onExit, onWork, trace = null }: SupervisorPorts,
): Promise<Interpreter> {
  let interpreter: Interpreter | null = null;
  const door: Door = {
    onCommands: (slot, commands) => interpreter?.obey(slot, commands),
    wake: () => interpreter?.tick(),
  };
  const { service, log } = await openSides(path, door, say, isToEnd);
  const { directory } = service;
  for (const side of [service, log]) warnOfOthers(side, say);
  const system = systemRun();
  const supervisor = describeOurselves();
  const inherited = findInheritances(service, log, name, system, supervisor?.parent ?? null);
  const logPipe = log === null ? null : (findLogPipe(inherited) ?? createLogPipe());
  service.openControl();
  log?.openControl();
  const inode = logPipe === null ? null : fstatSync(logPipe.read).ino;
  const supervision = { system, logPipe: inode, supervisor };
  const publisher = createPublisher({ service, log, name, supervision, say, now: monotonicMillis });
  const state = firstState(service, log, inherited, isToEnd());
  publisher.publish(state);
  service.files.openOk();
  log?.files.openOk();

  const output = createServiceOutput({ directory, files: service.files, logPipe, name, say, standardOutput: 1 });
  const processes = createProcesses({
    service: directory,
    log: log?.directory ?? null,
    name,
    environment: withoutTrace(withoutLastStart(withoutServiceDescriptor(withoutEvents(inheritedEnvironment())))),
    logPipe,
    output,
    say,
    spawn,
    freshStdio: withFreshStdio,
    setSubreaper,
    onNotified: (pid) => interpreter?.notified(pid),
    onLost: (slot, pid) => interpreter?.lost(slot, pid),
  });
  if (inherited.service !== null) processes.adopt("service", inherited.service);
  if (inherited.log !== null) processes.adopt("log", inherited.log);
  interpreter = createInterpreter(state, {
    processes,
    publisher,
    dependencies: openDependencies(path, name, directory, () => interpreter?.dependencyChanged(), say.warning),
    follow: (slot) => follow(slot === "log" ? log : service, say),
    hasLog: () => statSync(directory.path("log"), { throwIfNoEntry: false })?.isDirectory() === true,
    report: openReport(name, path),
    ends: createEndRecords({ service: service.files, log: log?.files ?? null, lastWords: output.lastWords }),
    logPipe,
    say,
    now: currentMoment,
    onWork,
    trace,
    onExit: () => void output.close().then(onExit),
  });
  return interpreter;
}

/** Opens both slots, and takes their locks. The log is left out when we are to end before its lock is ours. */
async function openSides(
  path: string,
  door: Door,
  say: Diagnostics,
  isToEnd: () => boolean,
): Promise<{ readonly service: LockedSide; readonly log: LockedSide | null }> {
  // The path means the same for good: this process never changes its directory.
  const directory = openFollowedDirectory(() => path, "change to directory", serviceDescriptor());
  const wants = hasFile(directory, "down") ? "down" : "up";
  const logDirectory = openLogDirectory(directory, say);
  const logWants = logDirectory !== null && hasFile(logDirectory, "down") ? "down" : "up";
  const service = openSide("service", directory, wants, door, say);
  const log = logDirectory === null ? null : openSide("log", logDirectory, logWants, door, say);
  lockNow(service.files, "supervise/lock");
  const hasLogLock = log !== null && (await lockPatiently(log.files, say, isToEnd));
  if (!hasLogLock) log?.files.close();
  return { service: lockedSide(service), log: hasLogLock ? lockedSide(log) : null };
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
): State {
  const at = currentMoment();
  const wants = { service: service.wants, log: log === null ? null : isToEnd ? "down" : log.wants } as const;
  const fresh = initialState(wants, at, service.settings);
  return {
    ...fresh,
    service: resume(fresh.service, inherited.service, service, at),
    log: fresh.log === null || log === null ? null : resume(fresh.log, inherited.log, log, at),
  };
}

function resume(slot: Slot, inheritance: Inheritance | null, { settings }: LockedSide, at: Moment): Slot {
  if (inheritance === null) return slot;
  const { former, claim, isReplaced } = inheritance;
  const known = isReplaced ? remember(slot, former, settings, at) : slot;
  return claim === null ? known : adopt(known, former, claim, settings, at);
}

/** What a successor, or a new parent, must know of this process. */
function describeOurselves(): SupervisorIdentity | null {
  const own = processInfo("self");
  if (own === null) return null;
  const { startTicks, session, group } = own;
  const above = processInfo(own.parent);
  const parent = above === null ? null : `${own.parent} ${above.startTicks}`;
  return { pid: process.pid, startTicks, parent, session, group };
}

/** The directory of the log service; null when there is none. */
function openLogDirectory(service: ServiceDirectory, say: Diagnostics): FollowedDirectory | null {
  try {
    if (!statSync(service.path("log")).isDirectory()) {
      say.warning("./log: not a directory.");
      return null;
    }
  } catch (error) {
    if (errnoOf(error) !== errno.ENOENT) say.warning(`unable to stat() ./log: ${reasonOf(errnoOf(error))}`);
    return null;
  }
  return openFollowedDirectory(() => service.path("log"), "change directory to ./log");
}

function openSide(
  slot: SlotName,
  directory: FollowedDirectory,
  wants: "up" | "down",
  { onCommands, wake }: Door,
  say: Diagnostics,
): Side {
  const label = slot === "log" ? "log/" : "";
  const files = createSuperviseFiles(directory, label);
  const openControl = (): void => {
    files.openControl(
      (commands) => onCommands(slot, commands),
      (error) => {
        say.warning(`unable to read ${label}supervise/control: ${reasonOf(errnoOf(error))}`);
        // The next publication finds the directory closed, and opens all of it anew.
        files.close();
        setTimeout(wake, reopenPause);
      },
    );
  };
  const reopen = (): void => {
    try {
      files.close();
      lockNow(files, `${label}supervise/lock`);
      openControl();
      files.openOk();
    } catch (error) {
      files.close();
      throw error;
    }
  };
  return { slot, directory, files, wants, openControl, reopen };
}

/**
 * Moves over to the directory that the path of a slot leads to by now. The publisher writes the state there; what is wrong
 * with the new directory it says as well, and tries again.
 *
 * @returns whether it is another one.
 */
function follow(side: LockedSide | null, say: Diagnostics): boolean {
  if (side === null || !side.directory.follow()) return false;
  say.warning(
    `${side.slot === "log" ? "./log" : "the service directory"} has been replaced: going on with the new one`,
  );
  try {
    side.reopen();
  } catch (error) {
    if (!(error instanceof SystemError || error instanceof NotAFifoError)) throw error;
  }
  return true;
}

function lockedSide(side: Side): LockedSide {
  // Each start of ./run reads the settings again, and warns of what is wrong with them.
  const settings = readSettings(side.directory, side.slot, () => {});
  return { ...side, settings, hasSession: settings.hasSession };
}

/** Says that nothing will be adopted where others could have written what is on record. */
function warnOfOthers(side: LockedSide | null, say: Diagnostics): void {
  if (side === null) return;
  const [path, name] = side.files.at("state.json");
  const [supervise] = side.files.at(".");
  if (!isThere(path) || isOwnDirectory(supervise)) return;
  say.warning(`${name}: not trusted, others may write to its directory: no process is adopted`);
}

function lockNow(files: SuperviseFiles, name: string): void {
  if (!files.openLock().tryLock()) throw new SystemError(`lock ${name}`, errno.EAGAIN);
}

/**
 * Several services may share a log directory. One of them logs at a time, and the others wait, as in runit.
 *
 * @returns false when it is to end before it has the lock.
 */
async function lockPatiently(files: SuperviseFiles, say: Diagnostics, isToEnd: () => boolean): Promise<boolean> {
  const lock = files.openLock();
  for (let isFirst = true; !lock.tryLock(); isFirst = false) {
    if (isToEnd()) return false;
    if (isFirst) say.warning(`unable to lock log/supervise/lock, waiting: ${reasonOf(errno.EAGAIN)}`);
    await new Promise((resolve) => setTimeout(resolve, lockPause));
  }
  return true;
}
