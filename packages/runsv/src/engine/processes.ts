import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { errnoOf, reasonOf, SystemError } from "@upkeep/linux/core/errno";
import type { EnvironmentEntry } from "@upkeep/linux/exec/environment";
import { takeKept } from "@upkeep/linux/exec/handover";
import type { SpawnRequest, SpawnResult } from "@upkeep/linux/exec/spawn";
import { isThereAt, pathBytes } from "@upkeep/linux/fd/at";
import type { Pipe } from "@upkeep/linux/fd/pipe";
import { isSessionSince, processInfo } from "@upkeep/linux/process/process-info";
import type { SignalName } from "@upkeep/linux/core/signals";
import {
  hasFinish,
  ownerMayExecute,
  scriptMakesOwnGroup,
  type ServiceDirectory,
} from "@upkeep/service-directory/files/directory";
import type { StartSettings } from "@upkeep/service-directory/files/settings";

import type { Inheritance } from "../adopt/find.ts";
import type { Handed } from "../core/adopt/handed.ts";
import type { Answer } from "../core/event.ts";
import type { Process } from "../core/moment.ts";
import type { Placing } from "../core/placement.ts";
import type { Placement } from "@upkeep/supervise/core/state-json";
import type { LastExit, ScriptLetter, SlotName } from "../core/slot.ts";
import { finishArguments } from "../core/status.ts";
import { Checks } from "./checks.ts";
import type { Contain } from "./contain.ts";
import type { FreshStdio, Stdio } from "./fresh-stdio.ts";
import { LookBehind } from "./left-behind.ts";
import { Leftovers } from "./leftovers.ts";
import { Notifier } from "./notification.ts";
import type { ServiceOutput } from "./output.ts";
import { spawnPlaced, type Placed, type PlacedRequest } from "./placed-spawn.ts";
import { ProcessTable } from "./process-table.ts";
import { SettingsReader } from "./settings-reader.ts";
import { StartFailures } from "./start-failures.ts";

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
  hasLeftovers(group: number, orphans: boolean, keepsMembers?: boolean): boolean;
  signalLeftovers(group: number, orphans: boolean, signal: SignalName, keepsMembers?: boolean): void;
  /** Closes all that is open. The processes go on. */
  close(): void;
  /** A child is about to be reaped: only now its process group can be seen. */
  beforeReaping(pid: number): void;
  /** The process group that a child was last seen in; null where it cannot be another than at its start. */
  groupOf(pid: number): number | null;
  /** A child was reaped. Returns the slot that it belonged to; null when we did not start it. */
  reaped(pid: number): SlotName | null;
}

const control = pathBytes("control");

export function createProcesses(ports: ProcessPorts): Processes {
  return new OwnProcesses(ports);
}

class OwnProcesses implements Processes {
  readonly #ports: ProcessPorts;
  readonly #table = new ProcessTable();
  readonly #leftovers = new Leftovers(this.#table);
  readonly #notifier: Notifier;
  readonly #settings: SettingsReader;
  /** Made when a start has failed. */
  #failures: StartFailures | null = null;
  /** Made with the first `./check`. */
  #checks: Checks | null = null;
  /** Made when a `./run` may have left something. */
  #behind: LookBehind | null = null;
  /** `./finish` and control scripts get a session of their own if `./run` got one. */
  #hasSession = true;
  #isSubreaper = false;
  /** Pid of the last `./check`, whose output is not read: its end completes no line. */
  #check = 0;

  constructor(ports: ProcessPorts) {
    this.#ports = ports;
    this.#notifier = new Notifier(ports);
    this.#settings = new SettingsReader(ports.say);
  }

  adopt(slot: SlotName, inheritance: Inheritance, handed: Handed | null = null): void {
    const { claim, held, isAlive } = inheritance;
    if (slot === "service") this.#resume(inheritance, handed);
    if (claim === null || claim.kind === "ended") return;
    if (claim.kind === "leftovers") {
      if (!isAlive) this.#leftovers.lose(slot, claim.group);
      return;
    }
    const { group, pid, startTicks } = claim.process;
    // A child that has ended and waits to be reaped cannot be held.
    const info = held?.info ?? processInfo(pid);
    const mayBeChild = info?.startTicks === startTicks && info.parent === process.pid;
    if (mayBeChild && this.#ports.adoptChild?.(pid) === true) {
      held?.close();
      this.#table.add(pid, slot, inheritance.former.state.slot.memory.placement === "group" ? group : null);
      return;
    }
    if (held === null) {
      // It has ended unseen. The caller cannot be told before it has opened everything.
      this.#leftovers.lose(slot, group);
      setImmediate(() => this.#ports.onLost(slot, pid));
      return;
    }
    const { session } = held.info;
    this.#table.adopt(held, (aliveAt) => {
      if (!isSessionSince(group, aliveAt, session)) this.#leftovers.lose(slot, group);
      if (slot === "service") this.#ports.output.processEnded();
      this.#ports.onLost(slot, pid);
    });
  }

  /** Goes on with what is at work beside `./run` or through it. */
  #resume({ claim }: Inheritance, handed: Handed | null): void {
    const { service, output } = this.#ports;
    const { hasSession, endsOrphans } = this.#settings.read(service, "service");
    this.#hasSession = hasSession;
    output.resume();
    if (handed === null) return;
    this.#isSubreaper = endsOrphans;
    if (claim?.kind !== "run") return;
    const { check, notification } = handed;
    if (check !== null && this.#ports.adoptChild?.(check.pid) === true) {
      this.#table.add(check.pid, "service");
      this.#check = check.pid;
    }
    if (notification !== null && takeKept(notification)) this.#notifier.resume(claim.process.pid, notification);
  }

  notification(): number | null {
    return this.#notifier.descriptor();
  }

  startRun(slot: SlotName, tried: Placing["next"] = "session"): Answer {
    const { service, log, logPipe, output, standardError } = this.#ports;
    const isLog = slot === "log";
    const directory = isLog ? (log ?? service) : service;
    this.#leftovers.forget(slot);
    const found = this.#settings.read(directory, slot);
    if (!isLog) this.#prepareService(found);
    const stdio: Stdio = isLog ? [logPipe?.read ?? 0, 1, standardError ?? 2] : output.prepare();
    const prepared = this.#notifier.prepare(isLog ? null : found.readiness);
    const placement = placementOf(found.hasSession, directory, "run", tried);
    const request = { path: "./run", argv: ["./run"], directory: directory.fd, descriptors: prepared.descriptors };
    const result = this.#ports.freshStdio(stdio, (fresh) => this.#start(slot, placement, { ...request, stdio: fresh }));
    prepared.settle(result.ok ? result.process.pid : null);
    if (result.ok) {
      return { kind: "runStarted", process: result.process, placement: result.placement, settings: found };
    }
    const retry = this.#failed().ofScript(directory, "run", isLog ? "log/./run" : "./run", result.errno);
    return { kind: "runFailed", retry, settings: found };
  }

  /** A service starts even where its orphans do not become our children, as where a filter of system calls forbids that. */
  #prepareService({ hasSession, endsOrphans }: StartSettings): void {
    this.#hasSession = hasSession;
    try {
      if (endsOrphans !== this.#isSubreaper) this.#ports.setSubreaper(endsOrphans);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#ports.say.warning(error.message);
    }
    // Also after a failure: it is tried, and told, once for each change.
    this.#isSubreaper = endsOrphans;
  }

  hasFinish(): boolean {
    return hasFinish(this.#ports.service);
  }

  startFinish(last: LastExit): Answer {
    const { service, name } = this.#ports;
    const result = this.#startBeside("./finish", ...finishArguments(last, name));
    if (result.ok) return { kind: "finishStarted", process: result.process };
    return { kind: "finishSkipped", retry: this.#failed().ofScript(service, "finish", "./finish", result.errno) };
  }

  hasScript(letter: ScriptLetter): boolean {
    const { service, say } = this.#ports;
    // Most services have none, and the second question costs less than the third.
    return (
      service.mayHave("control") && isThereAt(service.fd, control) && isExecutable(service, `control/${letter}`, say)
    );
  }

  startScript(letter: ScriptLetter, run: number | null): number | null {
    const path = `control/${letter}`;
    const result = this.#startBeside(path, ...(run === null ? [] : [`${run}`]));
    if (result.ok) return result.process.pid;
    this.#failed().ofControl(path, result.errno);
    return null;
  }

  /** Starts a script beside `./run`, with the output of `./run`. */
  #startBeside(path: string, ...words: readonly string[]): Placed {
    const { service, output } = this.#ports;
    const placement = placementOf(this.#hasSession, service, path);
    const request = { path, argv: [path, ...words], directory: service.fd };
    return this.#ports.freshStdio(output.stdio(), (stdio) => this.#start("service", placement, { ...request, stdio }));
  }

  startCheck(): Answer {
    const { service, say } = this.#ports;
    this.#checks ??= new Checks(service, say, (request) => this.#start("service", "session", request));
    const answer = this.#checks.start();
    if (answer.kind === "checkStarted") this.#check = answer.process.pid;
    return answer;
  }

  #start(slot: SlotName, placement: Placement, request: PlacedRequest): Placed {
    const { environment } = this.#ports;
    const result = spawnPlaced({ ...request, environment }, placement, this.#ports);
    if (!result.ok) return result;
    const { pid, group } = result.process;
    this.#table.add(pid, slot, result.placement === "group" ? group : null);
    return result;
  }

  #failed(): StartFailures {
    return (this.#failures ??= new StartFailures(this.#ports.say));
  }

  signal(pid: number, signal: SignalName | number): void {
    this.#table.signal(pid, signal);
  }

  killGroup(process: Process): void {
    this.#table.killGroup(process);
  }

  lookBehind(run: Process): Answer {
    const { service, logPipe } = this.#ports;
    return (this.#behind ??= new LookBehind(service, logPipe)).find(run);
  }

  hasLeftovers(group: number, orphans: boolean, keepsMembers = false): boolean {
    return this.#leftovers.areThere(group, orphans, keepsMembers);
  }

  signalLeftovers(group: number, orphans: boolean, signal: SignalName, keepsMembers = false): void {
    this.#leftovers.signal(group, orphans, signal, keepsMembers);
  }

  close(): void {
    this.#notifier.close();
    this.#table.close();
    this.#checks?.close();
  }

  beforeReaping(pid: number): void {
    this.#table.beforeReaping(pid);
  }

  groupOf(pid: number): number | null {
    return this.#table.groupOf(pid);
  }

  reaped(pid: number): SlotName | null {
    if (pid !== this.#check) this.#ports.output.processEnded();
    this.#notifier.forget(pid);
    return this.#table.remove(pid);
  }
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

function isExecutable(directory: ServiceDirectory, entry: string, say: Diagnostics): boolean {
  try {
    return ownerMayExecute(directory, entry) ?? false;
  } catch (error) {
    say.warning(`unable to stat ${entry}: ${reasonOf(errnoOf(error))}`);
    return false;
  }
}
