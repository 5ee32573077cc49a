import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { FatalError, internalError } from "@upkeep/program/process/run-program";
import { openTrace } from "@upkeep/program/trace/open-trace";
import type { Trace } from "@upkeep/program/trace/trace-file";
import { errno, errnoOf } from "@upkeep/linux/core/errno";
import type { SignalName } from "@upkeep/linux/core/signals";
import { spawn, type SpawnRequest, type SpawnResult } from "@upkeep/linux/exec/spawn";
import { processInfo } from "@upkeep/linux/process/process-info";
import type { Contain } from "@upkeep/runsv/engine/contain";
import { openSupervisor, type Supervisor, type SupervisorPorts, type Surroundings } from "@upkeep/runsv/open";
import { describeEvent, type Report } from "@upkeep/runsv/engine/report";
import type { ServiceDirectory } from "@upkeep/service-directory/files/directory";
import { codeOfEvent } from "@upkeep/supervise/parent/events";

import type { RunsvEnd } from "../core/event.ts";
import { HandsOver } from "./hands-over.ts";

/** What engines need of this process. */
export interface EnginePorts {
  readonly surroundings: Surroundings;
  /** The path of a service now. */
  readonly pathOf: (name: string) => string;
  /** The same; null where there is no scan directory now. */
  readonly siblings: (name: string) => string | null;
  /** Called before each start of `./run`. Throws HandsOver for a service that needs a process of its own. */
  readonly beforeStart: (name: string, directory: ServiceDirectory) => void;
  /** A critical service has ended for good, with this exit code. */
  readonly onCritical: (name: string, code: number) => void;
  /** An engine has ended. */
  readonly onEnd: (number: number, end: RunsvEnd) => void;
  /** There is no descriptor left for this one. */
  readonly onNoRoom: (name: string) => void;
  readonly onWork: () => void;
  /** Runs what is due in an engine, when it is its turn. */
  readonly inTurn: (action: () => void) => void;
  /** Runs an action at the end of this turn of the event loop. */
  readonly atTurnEnd: (action: () => void) => void;
  /** Makes the messages of a program. */
  readonly sayAs: (prefix: string) => Diagnostics;
}

/** A service that gets an engine. */
export interface InlineEntry {
  readonly name: string;
  /** A descriptor of its directory, which the engine takes; null: none. */
  readonly opened: number | null;
  /** It is opened only to end what is left of the service. */
  readonly isLast: boolean;
  /** How many it opens at most. */
  readonly descriptors: number;
  /** What the engine before it has told; null where this process has not been executed anew since. */
  readonly handed?: unknown;
}

/** What all engines share, and tell of themselves. */
export interface EngineHost extends EnginePorts {
  /** A process is the child of an engine. */
  readonly onChild: (engine: Engine, pid: number) => void;
  readonly onEnded: (engine: Engine, end: RunsvEnd) => void;
}

const tooMany: ReadonlySet<number> = new Set([errno.EMFILE, errno.ENFILE]);

/** One engine, and what the supervisor in it needs from this process. */
export class Engine implements SupervisorPorts {
  readonly number: number;
  readonly name: string;
  readonly descriptors: number;
  readonly say: Diagnostics;
  trace: Trace | null = null;
  /** Null before it is open. */
  supervisor: Supervisor | null = null;
  readonly #host: EngineHost;
  #isToEnd: boolean;
  #isOver = false;
  #isBroken = false;

  readonly contain: Contain =
    (action) =>
    (...args) => {
      if (this.#isOver || this.#isBroken) return;
      try {
        action(...args);
      } catch (error) {
        this.#fail(error);
      }
    };

  constructor(number: number, { name, descriptors, isLast }: InlineEntry, host: EngineHost) {
    this.number = number;
    this.name = name;
    this.descriptors = descriptors;
    this.say = host.sayAs(`runsv ${name}`);
    this.#host = host;
    this.#isToEnd = isLast;
  }

  begin(entry: InlineEntry): void {
    this.#open(entry).catch((error: unknown) => {
      if (this.#isOver) return;
      if (error instanceof FatalError && tooMany.has(errnoOf(error.cause))) {
        this.#host.onNoRoom(this.name);
        return this.#end("handedOver");
      }
      this.say.fatal(error instanceof FatalError ? error.message : internalError(error));
      this.#end("failure");
    });
  }

  isOpening(): boolean {
    return this.supervisor === null && !this.#isOver;
  }

  signal(signal: SignalName): void {
    if (signal === "SIGKILL") return this.#end("killed");
    if (signal === "SIGCONT") return this.use((supervisor) => supervisor.moveOver());
    this.#isToEnd = true;
    this.use((supervisor) => supervisor.leave());
  }

  /** Does something with it, if it is open. An error ends it. */
  use(action: (supervisor: Supervisor) => void): void {
    const { supervisor } = this;
    if (supervisor !== null) this.contain(action)(supervisor);
  }

  get surroundings(): Surroundings {
    return this.#host.surroundings;
  }

  get siblings(): EnginePorts["siblings"] {
    return this.#host.siblings;
  }

  get inTurn(): EnginePorts["inTurn"] {
    return this.#host.inTurn;
  }

  get atTurnEnd(): EnginePorts["atTurnEnd"] {
    return this.#host.atTurnEnd;
  }

  get onWork(): EnginePorts["onWork"] {
    return this.#host.onWork;
  }

  path(): string {
    return this.#host.pathOf(this.name);
  }

  report(...reported: Parameters<Report>): void {
    const event = describeEvent(this.name, this.name, ...reported);
    if (event.critical) this.#host.onCritical(this.name, codeOfEvent(event));
  }

  spawn(request: SpawnRequest): SpawnResult {
    const result = spawn(request);
    if (result.ok) this.#host.onChild(this, result.pid);
    return result;
  }

  adoptChild(pid: number): boolean {
    const isChild = processInfo(pid)?.parent === process.pid;
    if (isChild) this.#host.onChild(this, pid);
    return isChild;
  }

  beforeStart(directory: ServiceDirectory): void {
    this.#host.beforeStart(this.name, directory);
  }

  isToEnd(): boolean {
    return this.#isToEnd;
  }

  onExit(): void {
    this.#end("success");
  }

  async #open({ opened, handed }: InlineEntry): Promise<void> {
    // Each engine needs a number of its own in a trace, which no pid is.
    const traceNumber = -(process.pid * 2 ** 20 - this.number);
    this.trace = await openTrace("runsv", this.name, this.say.warning, traceNumber);
    const supervisor = await openSupervisor(this.name, this, { opened, handed });
    if (this.#isOver) return supervisor.close();
    this.supervisor = supervisor;
    this.use(() => (this.#isToEnd ? supervisor.leave() : supervisor.tick()));
  }

  /** An error ends this engine only. What runs goes on, and the next engine adopts it. */
  #fail(error: unknown): void {
    if (!(error instanceof HandsOver)) this.say.warning(`${internalError(error)}; opening it again`);
    // Whoever is still in the middle of something with it comes to an end first.
    this.#isBroken = true;
    setImmediate(() => this.#end(error instanceof HandsOver ? "handedOver" : "fault"));
  }

  #end(how: RunsvEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.supervisor?.close();
    this.supervisor = null;
    this.#host.onEnded(this, how);
  }
}
