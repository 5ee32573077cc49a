import { closeSync, statSync } from "node:fs";

import type { Unwritten } from "@upkeep/log-prefix/output/log-output";
import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import type { Trace } from "@upkeep/program/trace/trace-file";
import type { EnvironmentEntry } from "@upkeep/linux/exec/environment";
import type { SpawnRequest, SpawnResult } from "@upkeep/linux/exec/spawn";
import { duplicateAbove } from "@upkeep/linux/fd/descriptor";
import type { Pipe } from "@upkeep/linux/fd/pipe";
import { setSubreaper } from "@upkeep/linux/process/process-control";
import type { Reaped } from "@upkeep/linux/process/wait";
import { bootMillis, monotonicMillis, wallClock } from "@upkeep/linux/time/clock";
import type { ServiceDirectory } from "@upkeep/service-directory/files/directory";
import type { Command } from "@upkeep/supervise/core/command";

import type { Inheritances } from "../adopt/find.ts";
import type { Handed } from "../core/adopt/handed.ts";
import type { Moment } from "../core/moment.ts";
import type { SlotName } from "../core/slot.ts";
import type { Supervision } from "../core/status.ts";
import type { State } from "../core/supervisor.ts";
import {
  openDependencies,
  type Dependencies,
  type DependencyPorts,
  type SiblingPaths,
} from "../depend/dependencies.ts";
import type { Supervisor, SupervisorPorts } from "../open.ts";
import type { Contain } from "./contain.ts";
import { createEndRecords, type EndRecords } from "./end-records.ts";
import { withFreshStdio, type FreshStdio } from "./fresh-stdio.ts";
import { createInterpreter, type Interpreter } from "./interpreter.ts";
import { closeLogPipe, createServiceOutput, type ServiceOutput, type UnwrittenOutput } from "./output.ts";
import { createProcesses, type Processes, type ProcessPorts } from "./processes.ts";
import { createPublisher, type Publisher } from "./publisher.ts";
import type { Report } from "./report.ts";
import type { Door, Side } from "./sides.ts";
import type { Ports } from "./world.ts";

/** What an engine is made of. */
export interface EngineParts {
  readonly service: Side;
  readonly log: Side | null;
  readonly logPipe: Pipe | null;
  readonly supervision: Supervision;
  readonly state: State;
  /** What the engine before this one, in the same process, has not written. */
  readonly resumed: UnwrittenOutput;
}

/**
 * The engine of a service, which owns what is open of it. Its parts reach each other, and the process around them, through
 * it: there may be a thousand engines in one process, so they share one object and no part has functions of its own.
 */
export class ServiceEngine implements Supervisor, Ports, ProcessPorts, DependencyPorts, Door {
  readonly logPipe: Pipe | null;
  readonly publisher: Publisher;
  readonly output: ServiceOutput;
  readonly processes: Processes;
  readonly dependencies: Dependencies;
  readonly ends: EndRecords;
  readonly #ports: SupervisorPorts;
  readonly #service: Side;
  readonly #log: Side | null;
  readonly #interpreter: Interpreter;

  constructor(ports: SupervisorPorts, { service, log, logPipe, supervision, state, resumed }: EngineParts) {
    const { name, say, contain, surroundings } = ports;
    const { files, directory } = service;
    const { standardOutput, standardError } = surroundings;
    this.#ports = ports;
    this.#service = service;
    this.#log = log;
    this.logPipe = logPipe;
    this.publisher = createPublisher({ service, log, name, supervision, say, now: monotonicMillis });
    const shown = { standardOutput, standardError, contain, resumed };
    this.output = createServiceOutput({ directory, files, logPipe, name, say, ...shown });
    this.processes = createProcesses(this);
    this.dependencies = openDependencies(this);
    this.ends = createEndRecords({ service: files, log: log?.files ?? null, output: this.output });
    this.#interpreter = createInterpreter(state, this);
  }

  /** Lets others see that the service is supervised, and goes on with what a former supervisor has left running. */
  begin(state: State, inherited: Inheritances, handed: Handed | null): void {
    this.#service.openControl(this);
    this.#log?.openControl(this);
    this.publisher.begin(state);
    this.#service.files.openOk();
    this.#log?.files.openOk();
    // One more is needed time and again: without it no state could be published, and no setting read.
    closeSync(duplicateAbove(this.service.fd, 0));
    if (inherited.service !== null) this.processes.adopt("service", inherited.service, handed);
    if (inherited.log !== null) this.processes.adopt("log", inherited.log);
  }

  // What the process asks of it.

  beforeReaping(pid: number): void {
    this.#interpreter.beforeReaping(pid);
  }

  reaped(children: readonly Reaped[]): void {
    this.#interpreter.reaped(children);
  }

  moveOver(): void {
    this.#interpreter.moveOver();
  }

  isLeaving(): boolean {
    return this.#interpreter.isLeaving();
  }

  underWay(): string | null {
    return this.#interpreter.underWay();
  }

  tick(): void {
    this.#interpreter.tick();
  }

  leave(): void {
    this.#service.files.takeCommands();
    this.#interpreter.obey("service", ["exit"]);
  }

  handOver(): Handed {
    const unwritten = this.output.unwritten();
    return {
      check: this.#interpreter.check(),
      notification: this.processes.notification(),
      output: encodeUnwritten(unwritten.output),
      errors: encodeUnwritten(unwritten.errors),
    };
  }

  directory(): number {
    return this.service.fd;
  }

  close(): void {
    this.#interpreter.stop();
    this.processes.close();
    this.output.abandon();
    if (this.logPipe !== null) closeLogPipe(this.logPipe);
    this.#log?.close();
    this.#service.close();
  }

  // What its parts ask of the process.

  get name(): string {
    return this.#ports.name;
  }

  get say(): Diagnostics {
    return this.#ports.say;
  }

  get siblings(): SiblingPaths {
    return this.#ports.siblings;
  }

  get environment(): readonly EnvironmentEntry[] {
    return this.#ports.surroundings.environment;
  }

  get standardError(): number {
    return this.#ports.surroundings.standardError;
  }

  get contain(): Contain {
    return this.#ports.contain;
  }

  get inTurn(): SupervisorPorts["inTurn"] {
    return this.#ports.inTurn;
  }

  get atTurnEnd(): SupervisorPorts["atTurnEnd"] {
    return this.#ports.atTurnEnd;
  }

  get onWork(): SupervisorPorts["onWork"] {
    return this.#ports.onWork;
  }

  get trace(): Trace | null {
    return this.#ports.trace ?? null;
  }

  get freshStdio(): FreshStdio {
    return withFreshStdio;
  }

  setSubreaper(on: boolean): void {
    setSubreaper(on);
  }

  now(): Moment {
    return currentMoment();
  }

  spawn(request: SpawnRequest): SpawnResult {
    return this.#ports.spawn(request);
  }

  adoptChild(pid: number): boolean {
    return this.#ports.adoptChild?.(pid) === true;
  }

  beforeStart(): void {
    this.#ports.beforeStart?.(this.service);
  }

  report(...reported: Parameters<Report>): void {
    this.#ports.report(...reported);
  }

  onExit(): void {
    void this.output.close().then(() => this.#ports.onExit());
  }

  // What its parts ask of each other.

  get service(): ServiceDirectory {
    return this.#service.directory;
  }

  get log(): ServiceDirectory | null {
    return this.#log?.directory ?? null;
  }

  hasLog(): boolean {
    return statSync(this.service.path("log"), { throwIfNoEntry: false })?.isDirectory() === true;
  }

  follow(slot: SlotName): boolean {
    if (slot === "service") return this.#service.follow(() => this.#ports.path(), this.say);
    return this.#log?.follow(() => this.service.path("log"), this.say) ?? false;
  }

  lookAnew(): void {
    this.service.lookAnew();
    this.log?.lookAnew();
  }

  onCommands(slot: SlotName, commands: readonly Command[]): void {
    this.#contained(() => this.#interpreter.obey(slot, commands));
  }

  wake(): void {
    this.#contained(() => this.#interpreter.tick());
  }

  onDependencyChange(): void {
    this.#contained(() => this.#interpreter.dependencyChanged());
  }

  onLost(slot: SlotName, pid: number): void {
    this.#contained(() => this.#interpreter.lost(slot, pid));
  }

  onNotified(pid: number): void {
    this.#interpreter.notified(pid);
  }

  #contained(action: () => void): void {
    this.#ports.contain(action)();
  }
}

/** Three clocks, now. */
export function currentMoment(): Moment {
  return { wall: wallClock(), monotonic: monotonicMillis(), boot: bootMillis() };
}

function encodeUnwritten(found: Unwritten | null): Handed["output"] {
  if (found === null) return null;
  const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
  return { lines: encode(found.lines), unfinished: encode(found.unfinished) };
}
