import { fstatSync, statSync } from "node:fs";

import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { FatalError } from "@upkeep/program/process/run-program";
import { openTrace, withoutTrace } from "@upkeep/program/trace/open-trace";
import { hasFile, openServiceDirectory, type ServiceDirectory } from "@upkeep/service-directory/files/directory";
import type { RunSettings } from "@upkeep/service-directory/core/run-settings";
import { readSettings } from "@upkeep/service-directory/files/settings";
import type { Command } from "@upkeep/supervise/core/command";
import { withoutEvents } from "@upkeep/supervise/parent/events";
import { withoutLastStart } from "@upkeep/supervise/parent/last-start";
import { NotAFifoError } from "@upkeep/supervise/fifo/supervisor-end";
import { inheritedEnvironment } from "@upkeep/linux/exec/environment";
import { errno, errnoOf, reasonOf, SystemError } from "@upkeep/linux/core/errno";
import { processInfo, systemRun } from "@upkeep/linux/process/process-info";

import { adopt } from "./core/resume.ts";
import { createChildren } from "./engine/processes.ts";
import { openDependencies } from "./depend/dependencies.ts";
import { findFormer, findLogPipe, type FormerSlot, type Left } from "./adopt/find.ts";
import { createInterpreter, currentMoment, type Interpreter } from "./engine/interpreter.ts";
import { remember } from "./core/memory.ts";
import type { Moment } from "./core/moment.ts";
import { createPublisher, type Published } from "./engine/publisher.ts";
import { openReports } from "./engine/reports.ts";
import { createLogPipe, createServiceOutput } from "./engine/output.ts";
import type { Slot, SlotName } from "./core/slot.ts";
import { createSuperviseFiles, type SuperviseFiles } from "./engine/supervise-files.ts";
import { initialState, type State } from "./core/supervisor.ts";
import type { SupervisorIdentity } from "./core/trace.ts";

/** Milliseconds until a control FIFO that could not be read is opened again. */
const reopenPause = 1000;
/** Milliseconds between two tries for a log lock that somebody else holds. */
const lockPause = 100;

/**
 * Opens a service directory for supervision, in runit's order, and leaves the engine ready for its
 * first tick. Throws {@link FatalError}.
 *
 * @param name the service's name. @param onExit called when all is done. @param isTold whether it is to end at once:
 * then nothing is started, and no log's lock is waited for.
 */
export async function openSupervisor(
  path: string,
  name: string,
  say: Diagnostics,
  onExit: () => void,
  isTold: () => boolean,
): Promise<Interpreter> {
  try {
    // First: commands that come while it is loaded must not be lost.
    const trace = await openTrace("runsv", path, say.warning);
    const service = openServiceDirectory(path, "change to directory");
    const want = hasFile(service, "down") ? "down" : "up";
    let log = openLog(service, say);
    const logWant = log === null ? null : hasFile(log, "down") ? "down" : "up";

    let interpreter: Interpreter | null = null;
    const onCommands = (slot: SlotName, commands: readonly Command[]): void => interpreter?.obey(slot, commands);
    const wake = (): void => interpreter?.tick();
    const target = openTarget("service", service, onCommands, wake, say);
    let logTarget = log === null ? null : openTarget("log", log, onCommands, wake, say);
    lockNow(target.files, "supervise/lock");
    if (logTarget !== null && !(await lockPatiently(logTarget.files, say, isTold))) {
      logTarget.files.close();
      log = logTarget = null;
    }
    const system = systemRun();
    const supervisor = describeOurselves();
    const parent = supervisor?.parent ?? null;
    // What is wrong with them is said at the start of ./run.
    const settings = readSettings(service, "service", () => {});
    const logSettings = log === null ? null : readSettings(log, "log", () => {});
    const { hasSession } = settings;
    const { files } = target;
    const left: Left = { slot: "service", directory: service, files, hasSession };
    const leftLog: Left | null =
      logTarget === null || log === null || logSettings === null
        ? null
        : { slot: "log", directory: log, files: logTarget.files, hasSession: logSettings.hasSession };
    const { service: found, log: foundLog } = findFormer(left, leftLog, name, system, parent);
    const logPipe = log === null ? null : (findLogPipe(found, foundLog) ?? createLogPipe());
    target.openControl();
    logTarget?.openControl();
    const here = { system, logPipe: logPipe === null ? null : fstatSync(logPipe.read).ino, supervisor };
    const publisher = createPublisher(target, logTarget, name, here, say);
    const at = currentMoment();
    const wants = { service: want, log: log === null ? null : isTold() ? "down" : logWant } as const;
    const fresh = initialState(wants, at, settings);
    const state: State = {
      ...fresh,
      service: goOn(fresh.service, found, settings, at),
      log: fresh.log === null || logSettings === null ? null : goOn(fresh.log, foundLog, logSettings, at),
    };
    publisher.publish(state);
    target.files.openOk();
    logTarget?.files.openOk();

    const environment = withoutTrace(withoutLastStart(withoutEvents(inheritedEnvironment())));
    const onNotified = (pid: number): void => interpreter?.notified(pid);
    const output = createServiceOutput(service, target.files, logPipe, name, say);
    const onLost = (slot: SlotName, pid: number): void => interpreter?.lost(slot, pid);
    const children = createChildren({ service, log, name, environment, say, onNotified, onLost }, logPipe, output);
    if (found !== null) children.adopt("service", found);
    if (foundLog !== null) children.adopt("log", foundLog);
    const dependencies = openDependencies(path, name, service, () => interpreter?.dependencyChanged(), say.warning);
    const report = openReports(name, path);
    const onDone = (): void => void output.close().then(onExit);
    const ports = { children, publisher, dependencies, report, logPipe, say, onExit: onDone, trace };
    interpreter = createInterpreter(state, ports);
    return interpreter;
  } catch (error) {
    if (error instanceof SystemError || error instanceof NotAFifoError) throw new FatalError(error.message, path);
    throw error;
  }
}

function goOn(slot: Slot, found: FormerSlot | null, settings: RunSettings, at: Moment): Slot {
  if (found === null) return slot;
  const { former, claim, isReplaced } = found;
  const known = isReplaced ? remember(slot, former, settings, at) : slot;
  return claim === null ? known : adopt(known, former, claim, settings, at);
}

/** What a successor is to know of this process. */
function describeOurselves(): SupervisorIdentity | null {
  const own = processInfo("self");
  if (own === null) return null;
  const { parent, session, group } = own;
  const above = processInfo(parent);
  return { parent: above === null ? null : `${parent} ${above.startTicks}`, session, group };
}

/** The directory of the log service; null when there is none. */
function openLog(service: ServiceDirectory, say: Diagnostics): ServiceDirectory | null {
  try {
    if (!statSync(service.path("log")).isDirectory()) {
      say.warning("./log: not a directory.");
      return null;
    }
  } catch (error) {
    if (errnoOf(error) !== errno.ENOENT) say.warning(`unable to stat() ./log: ${reasonOf(errnoOf(error))}`);
    return null;
  }
  return openServiceDirectory(service.path("log"), "change directory to ./log");
}

interface Target extends Published {
  openControl(): void;
}

function openTarget(
  slot: SlotName,
  directory: ServiceDirectory,
  onCommands: (slot: SlotName, commands: readonly Command[]) => void,
  wake: () => void,
  say: Diagnostics,
): Target {
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
  const openAll = (): void => {
    files.close();
    lockNow(files, `${label}supervise/lock`);
    openControl();
    files.openOk();
  };
  const reopen = (): void => {
    try {
      openAll();
    } catch (error) {
      files.close();
      throw error;
    }
  };
  return { files, openControl, reopen };
}

function lockNow(files: SuperviseFiles, name: string): void {
  if (!files.openLock().tryLock()) throw new SystemError(`lock ${name}`, errno.EAGAIN);
}

/**
 * A log directory may be shared by services, one of which logs at a time: the others wait, as in runit.
 *
 * @returns false when it is to end before it has the lock.
 */
async function lockPatiently(files: SuperviseFiles, say: Diagnostics, isTold: () => boolean): Promise<boolean> {
  const lock = files.openLock();
  for (let isFirst = true; !lock.tryLock(); isFirst = false) {
    if (isTold()) return false;
    if (isFirst) say.warning(`unable to lock log/supervise/lock, waiting: ${reasonOf(errno.EAGAIN)}`);
    await new Promise((resolve) => setTimeout(resolve, lockPause));
  }
  return true;
}
