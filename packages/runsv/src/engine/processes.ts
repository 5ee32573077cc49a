import { closeSync, constants, openSync } from "node:fs";

import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { errno, errnoOf, reasonOf, SystemError } from "@upkeep/linux/core/errno";
import type { EnvironmentEntry } from "@upkeep/linux/exec/environment";
import { takeKept } from "@upkeep/linux/exec/handover";
import type { SpawnRequest, SpawnResult } from "@upkeep/linux/exec/spawn";
import { isThereAt, pathBytes } from "@upkeep/linux/fd/at";
import { isThere } from "@upkeep/linux/fd/files";
import type { Pipe } from "@upkeep/linux/fd/pipe";
import { isSessionSince, processInfo } from "@upkeep/linux/process/process-info";
import type { SignalName } from "@upkeep/linux/core/signals";
import {
  hasFinish,
  ownerMayExecute,
  scriptMakesOwnGroup,
  type ServiceDirectory,
} from "@upkeep/service-directory/files/directory";
import { readSettings, type StartSettings } from "@upkeep/service-directory/files/settings";

import type { Inheritance } from "../adopt/find.ts";
import type { Handed } from "../core/adopt/handed.ts";
import type { Answer } from "../core/event.ts";
import type { Process } from "../core/moment.ts";
import type { Placing } from "../core/placement.ts";
import type { Placement } from "@upkeep/supervise/core/state-json";
import type { LastExit, ScriptLetter, SlotName } from "../core/slot.ts";
import { finishArguments } from "../core/status.ts";
import type { Contain } from "./contain.ts";
import type { FreshStdio, Stdio } from "./fresh-stdio.ts";
import { createLookBehind } from "./left-behind.ts";
import { createLeftovers, type Leftovers } from "./leftovers.ts";
import { createNotifier, type Notifier } from "./notification.ts";
import type { ServiceOutput } from "./output.ts";
import { spawnPlaced, type Placed } from "./placed-spawn.ts";
import { createProcessTable, type ProcessTable } from "./process-table.ts";
import { createStartFailures, type StartFailures } from "./start-failures.ts";

/** What the processes of a service directory need. */
export interface ProcessPorts {
  readonly service: ServiceDirectory;
  readonly log: ServiceDirectory | null;
  /** The service's name, which `./finish` is told. */
  readonly name: string;
  readonly environment: readonly EnvironmentEntry[];
  readonly logPipe: Pipe | null;
  readonly output: ServiceOutput;
  readonly say: Diagnostics;
  spawn(request: SpawnRequest): SpawnResult;
  readonly freshStdio: FreshStdio;
  /** See `linux/process/process-control`. */
  setSubreaper(on: boolean): void;
  /** Called when a process has told on its notification descriptor that it is ready. */
  onNotified(pid: number): void;
  readonly contain?: Contain;
  /** Adopts a child of this process, which an engine before this one has started. Its exit is then reported as any. */
  adoptChild?(pid: number): boolean;
  /** Descriptor of standard error. */
  readonly standardError?: number;
  /** Called when an adopted process has ended. */
  onLost(slot: SlotName, pid: number): void;
}

/** Starts and signals the processes of a service directory, and knows which of them live. */
export interface Processes {
  /** Adopts what a slot has inherited, and what the engine before it in the same process has told of it. */
  adopt(slot: SlotName, inheritance: Inheritance, handed?: Handed | null): void;
  /** Descriptor of the pipe by which `./run` tells that it is ready; null: none. */
  notification(): number | null;
  /** @param placement what to try, unless the service directory says. */
  startRun(slot: SlotName, placement?: Placing["next"]): Answer;
  /** Whether there is a `./finish` to run. */
  hasFinish(): boolean;
  startFinish(last: LastExit): Answer;
  /** Whether there is a control script to run. */
  hasScript(letter: ScriptLetter): boolean;
  /** Starts a control script; null, after a message, when that cannot be done. */
  startScript(letter: ScriptLetter, run: number | null): number | null;
  /** Sends a signal, unless the process has been reaped. */
  signal(pid: number, signal: SignalName | number): void;
  startCheck(): Answer;
  /** Kills `./finish` or `./check`, and its group where it leads one. */
  killGroup(process: Process): void;
  /** Finds what an ended `./run` has left running. */
  lookBehind(run: Process): Answer;
  /** Whether anything lives in the process group or, if asked for, among the orphans that became our children. */
  readonly hasLeftovers: Leftovers["areThere"];
  readonly signalLeftovers: Leftovers["signal"];
  /** Closes all that is open. The processes go on. */
  close(): void;
  /** A child is about to be reaped: only now its process group can be seen. */
  beforeReaping(pid: number): void;
  /** The process group that a child was last seen in; null where it cannot be another than at its start. */
  groupOf(pid: number): number | null;
  /** A child was reaped. Returns the slot that it belonged to; null when we did not start it. */
  reaped(pid: number): SlotName | null;
}

/** The parts that work together, and what they keep between two starts. */
interface Parts {
  readonly ports: ProcessPorts;
  readonly table: ProcessTable;
  readonly leftovers: Leftovers;
  readonly failures: StartFailures;
  readonly notifier: Notifier;
  readonly settings: SettingsReader;
  readonly kept: {
    /** The process groups of children that may have made their own. */
    readonly groups: Map<number, number>;
    /** `./finish` and control scripts get a session of their own if `./run` got one. */
    hasSession: boolean;
    isSubreaper: boolean;
    /** Pid of the last `./check`, whose output is not read: its end completes no line. */
    check: number;
    /** A descriptor of /dev/null; null as long as none was opened. */
    nullDevice: number | null;
  };
}

const control = pathBytes("control");

export function createProcesses(ports: ProcessPorts): Processes {
  const table = createProcessTable();
  const leftovers = createLeftovers(table.hasStarted);
  const parts: Parts = {
    ports,
    table,
    leftovers,
    failures: createStartFailures(ports.say),
    notifier: createNotifier(ports.say.warning, (pid) => ports.onNotified(pid), ports.contain),
    settings: createSettingsReader(ports.say),
    kept: { groups: new Map(), hasSession: true, isSubreaper: false, check: 0, nullDevice: null },
  };
  return {
    adopt: (slot, inheritance, handed = null) => adopt(parts, slot, inheritance, handed),
    notification: parts.notifier.descriptor,
    startRun: (slot, placement = "session") => startRun(parts, slot, placement),
    hasFinish: () => hasFinish(ports.service),
    startFinish: (last) => startFinish(parts, last),
    // Most services have none, and the second question costs less than the third.
    hasScript: (letter) =>
      ports.service.mayHave("control") &&
      isThereAt(ports.service.fd, control) &&
      isExecutable(ports.service, `control/${letter}`, ports.say),
    startScript: (letter, run) => startScript(parts, letter, run),
    startCheck: () => startCheck(parts),
    signal: table.signal,
    killGroup: table.killGroup,
    lookBehind: createLookBehind(() => ports.service, ports.logPipe),
    hasLeftovers: leftovers.areThere,
    signalLeftovers: leftovers.signal,
    close: () => {
      parts.notifier.close();
      table.close();
      if (parts.kept.nullDevice !== null) closeSync(parts.kept.nullDevice);
      parts.kept.nullDevice = null;
    },
    beforeReaping: (pid) => {
      const { groups } = parts.kept;
      const group = groups.get(pid);
      if (group !== undefined) groups.set(pid, processInfo(pid)?.group ?? group);
    },
    groupOf: (pid) => parts.kept.groups.get(pid) ?? null,
    reaped: (pid) => {
      parts.kept.groups.delete(pid);
      if (pid !== parts.kept.check) ports.output.processEnded();
      parts.notifier.forget(pid);
      return table.remove(pid);
    },
  };
}

function adopt(parts: Parts, slot: SlotName, inheritance: Inheritance, handed: Handed | null): void {
  const { ports, table, leftovers, settings, kept } = parts;
  const { claim, held, isAlive } = inheritance;
  if (slot === "service") {
    const found = settings.read(ports.service, slot);
    kept.hasSession = found.hasSession;
    ports.output.resume();
    if (handed !== null) resumeRun(parts, found, inheritance, handed);
  }
  if (claim === null || claim.kind === "ended") return;
  if (claim.kind === "leftovers") {
    if (!isAlive) leftovers.lose(slot, claim.group);
    return;
  }
  const { group, pid, startTicks } = claim.process;
  // A child that has ended and waits to be reaped cannot be held.
  const info = held?.info ?? processInfo(pid);
  const mayBeChild = info?.startTicks === startTicks && info.parent === process.pid;
  if (mayBeChild && ports.adoptChild?.(pid) === true) {
    held?.close();
    table.add(pid, slot);
    if (inheritance.former.state.slot.memory.placement === "group") kept.groups.set(pid, group);
    return;
  }
  if (held === null) {
    // It has ended unseen. The caller cannot be told before it has opened everything.
    leftovers.lose(slot, group);
    setImmediate(() => ports.onLost(slot, pid));
    return;
  }
  const { session } = held.info;
  table.adopt(held, (aliveAt) => {
    if (!isSessionSince(group, aliveAt, session)) leftovers.lose(slot, group);
    if (slot === "service") ports.output.processEnded();
    ports.onLost(slot, pid);
  });
}

/** Goes on with what is at work beside `./run` or through it. */
function resumeRun(
  { ports, table, notifier, kept }: Parts,
  { endsOrphans }: StartSettings,
  { claim }: Inheritance,
  { check, notification }: Handed,
): void {
  kept.isSubreaper = endsOrphans;
  if (claim?.kind !== "run") return;
  if (check !== null && ports.adoptChild?.(check.pid) === true) {
    table.add(check.pid, "service");
    kept.check = check.pid;
  }
  if (notification !== null && takeKept(notification)) notifier.resume(claim.process.pid, notification);
}

/** What a start is, apart from where it stands. */
type Request = Omit<SpawnRequest, "environment" | "newSession">;

function start({ ports, table, kept }: Parts, slot: SlotName, placement: Placement, request: Request): Placed {
  const result = spawnPlaced({ ...request, environment: ports.environment }, placement, (one) => ports.spawn(one));
  if (!result.ok) return result;
  const { pid, group } = result.process;
  table.add(pid, slot);
  if (result.placement === "group") kept.groups.set(pid, group);
  return result;
}

/** @param tried the placement where neither the settings nor the script ask for another. */
function placementOf(
  hasSession: boolean,
  directory: ServiceDirectory,
  entry: string,
  tried: Placing["next"] = "session",
): Placement {
  if (!hasSession) return "shared";
  return scriptMakesOwnGroup(directory, entry) ? "group" : tried;
}

function startRun(parts: Parts, slot: SlotName, tried: Placing["next"]): Answer {
  const { ports, leftovers, failures, notifier, settings } = parts;
  const isLog = slot === "log";
  const directory = isLog ? (ports.log ?? ports.service) : ports.service;
  leftovers.forget(slot);
  const found = settings.read(directory, slot);
  if (!isLog) prepareService(parts, found);
  const stdio: Stdio = isLog ? [ports.logPipe?.read ?? 0, 1, ports.standardError ?? 2] : ports.output.prepare();
  const prepared = notifier.prepare(isLog ? null : found.readiness);
  const placement = placementOf(found.hasSession, directory, "run", tried);
  const request = { path: "./run", argv: ["./run"], directory: directory.fd, descriptors: prepared.descriptors };
  const result = ports.freshStdio(stdio, (fresh) => start(parts, slot, placement, { ...request, stdio: fresh }));
  prepared.settle(result.ok ? result.process.pid : null);
  if (result.ok) {
    return { kind: "runStarted", process: result.process, placement: result.placement, settings: found };
  }
  const retry = failures.ofScript(directory, "run", isLog ? "log/./run" : "./run", result.errno);
  return { kind: "runFailed", retry, settings: found };
}

/** A service starts even where its orphans do not become our children, as where a filter of system calls forbids that. */
function prepareService({ ports, kept }: Parts, { hasSession, endsOrphans }: StartSettings): void {
  kept.hasSession = hasSession;
  try {
    if (endsOrphans !== kept.isSubreaper) ports.setSubreaper(endsOrphans);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    ports.say.warning(error.message);
  }
  // Also after a failure: it is tried, and told, once for each change.
  kept.isSubreaper = endsOrphans;
}

function startFinish(parts: Parts, last: LastExit): Answer {
  const { ports, failures } = parts;
  const result = startBeside(parts, "./finish", ...finishArguments(last, ports.name));
  if (result.ok) return { kind: "finishStarted", process: result.process };
  return { kind: "finishSkipped", retry: failures.ofScript(ports.service, "finish", "./finish", result.errno) };
}

function startScript(parts: Parts, letter: ScriptLetter, run: number | null): number | null {
  const path = `control/${letter}`;
  const result = startBeside(parts, path, ...(run === null ? [] : [`${run}`]));
  if (result.ok) return result.process.pid;
  parts.failures.ofControl(path, result.errno);
  return null;
}

/** Starts a script beside `./run`, with the output of `./run`. */
function startBeside(parts: Parts, path: string, ...words: readonly string[]): Placed {
  const { service, output, freshStdio } = parts.ports;
  const placement = placementOf(parts.kept.hasSession, service, path);
  const request = { path, argv: [path, ...words], directory: service.fd };
  return freshStdio(output.stdio(), (stdio) => start(parts, "service", placement, { ...request, stdio }));
}

function startCheck(parts: Parts): Answer {
  const { ports, failures, kept } = parts;
  const { service } = ports;
  // It runs again and again: its output would only fill the log.
  const silent = openNullDevice(kept);
  const stdio = [silent, silent, silent] as const;
  const request = { path: "./check", argv: ["./check"], directory: service.fd, stdio };
  const isMissing = (result: Placed): boolean =>
    !result.ok && result.errno === errno.ENOENT && !isThere(service.path("check"));
  let result = start(parts, "service", "session", request);
  // ENOENT speaks of the interpreter, unless the file was put there since: a second try tells.
  if (!result.ok && result.errno === errno.ENOENT && !isMissing(result)) {
    result = start(parts, "service", "session", request);
  }
  if (result.ok) {
    failures.checkStarted();
    kept.check = result.process.pid;
    return { kind: "checkStarted", process: result.process };
  }
  // Somebody is replacing the file, most likely. If it stays away, the service is late, and a warning says so.
  if (isMissing(result)) return { kind: "checkFailed", retry: true };
  return { kind: "checkFailed", retry: failures.ofCheck(service, result.errno) };
}

/** Null where there is no descriptor to be had. */
function openNullDevice(kept: Parts["kept"]): number | null {
  try {
    kept.nullDevice ??= openSync("/dev/null", constants.O_RDWR);
  } catch {
    return null;
  }
  return kept.nullDevice;
}

/** Reads the settings of each start. */
interface SettingsReader {
  readonly read: (directory: ServiceDirectory, slot: SlotName) => StartSettings;
}

/** A complaint that the start before gave already is not repeated. */
function createSettingsReader(say: Diagnostics): SettingsReader {
  const complaints: Record<SlotName, ReadonlySet<string>> = { service: new Set(), log: new Set() };
  return {
    read: (directory, slot) => {
      const found = new Set<string>();
      const settings = readSettings(directory, slot, (message) => {
        if (!complaints[slot].has(message)) say.warning(message);
        found.add(message);
      });
      complaints[slot] = found;
      return settings;
    },
  };
}

function isExecutable(directory: ServiceDirectory, entry: string, say: Diagnostics): boolean {
  try {
    return ownerMayExecute(directory, entry) ?? false;
  } catch (error) {
    say.warning(`unable to stat ${entry}: ${reasonOf(errnoOf(error))}`);
    return false;
  }
}
