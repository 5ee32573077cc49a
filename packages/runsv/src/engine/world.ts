import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { createLoop, type Loop, type LoopParts } from "@upkeep/program/loop/loop";
import type { Trace } from "@upkeep/program/trace/trace-file";
import type { Pipe } from "@upkeep/linux/fd/pipe";
import { hasBytes } from "@upkeep/linux/fd/poll";

import type { Effect } from "../core/effect.ts";
import type { Answer, Event } from "../core/event.ts";
import type { Moment } from "../core/moment.ts";
import type { ScriptLetter, SlotName } from "../core/slot.ts";
import { nextDeadline, step, type State, type Step } from "../core/supervisor.ts";
import type { Dependencies } from "../depend/dependencies.ts";
import { closeLogInput } from "./output.ts";
import type { Contain } from "./contain.ts";
import type { Processes } from "./processes.ts";
import type { EndRecords } from "./end-records.ts";
import type { Publisher } from "./publisher.ts";
import type { Report } from "./report.ts";

/** What an engine acts through. */
export interface Ports {
  readonly processes: Processes;
  readonly publisher: Publisher;
  readonly dependencies: Dependencies;
  /** Called before each start of `./run`. */
  beforeStart?(): void;
  /** Moves over to the directory that the path of a slot leads to. Returns whether it is another one. */
  follow(slot: SlotName): boolean;
  /** What was seen of the directories counts no more. */
  lookAnew(): void;
  /** Whether the service directory has a log service now. */
  hasLog(): boolean;
  readonly report: Report;
  readonly ends: EndRecords;
  readonly logPipe: Pipe | null;
  readonly say: Diagnostics;
  readonly now: () => Moment;
  /** Called after each piece of work. */
  readonly onWork?: (() => void) | undefined;
  /** Wraps what timers call. */
  readonly contain?: Contain | undefined;
  /** Runs an action at the end of this turn of the event loop; absent: at once. */
  readonly atTurnEnd?: ((action: () => void) => void) | undefined;
  /** See `program/loop`. */
  readonly inTurn?: ((action: () => void) => void) | undefined;
  readonly trace?: Trace | null;
  /** Called once, when there is nothing left to supervise. */
  onExit(): void;
}

type Answering = (slot: SlotName, outcome: Answer) => void;

/** What the engine learns of the world around it, and does to it: it carries out effects, and publishes the state. */
export class World implements LoopParts<State, Event, Effect> {
  readonly loop: Loop<State, Event>;
  readonly #ports: Ports;
  /** Pid of the control script that works now; null: none. */
  script: number | null = null;
  /** Whether the state is to be published at the end of this turn. */
  #isDue = false;

  constructor(initial: State, ports: Ports) {
    this.#ports = ports;
    this.loop = createLoop(initial, this);
  }

  get onWork(): Ports["onWork"] {
    return this.#ports.onWork;
  }

  get contain(): Ports["contain"] {
    return this.#ports.contain;
  }

  get inTurn(): Ports["inTurn"] {
    return this.#ports.inTurn;
  }

  get trace(): Trace | null {
    return this.#ports.trace ?? null;
  }

  step(state: State, event: Event): Step {
    return step(state, event);
  }

  nextDeadline(state: State): number {
    return Math.min(nextDeadline(state), this.#ports.publisher.retryAt());
  }

  now(): number {
    return this.#ports.now().monotonic;
  }

  tick(): Event {
    return { kind: "tick", at: this.#ports.now() };
  }

  onSettled(state: State): void {
    this.#publishInTime(state);
    this.#ports.lookAnew();
  }

  /** Publishes nothing any more by itself. */
  stop(): void {
    this.#isDue = false;
  }

  #publishInTime(state: State): void {
    const { publisher } = this.#ports;
    const isLater = this.#ports.atTurnEnd !== undefined && !state.isExiting && publisher.mayWait(state);
    if (isLater && !this.#isDue) this.#publishLater();
    this.#isDue = isLater;
    // A state that exits has been published by its effect.
    if (!isLater && !state.isExiting) publisher.publish(state);
  }

  #publishLater(): void {
    const publish = (): void => this.#publishDue();
    this.#ports.atTurnEnd?.(this.#ports.contain?.(publish) ?? publish);
  }

  #publishDue(): void {
    if (!this.#isDue) return;
    this.#isDue = false;
    const { publisher } = this.#ports;
    publisher.publish(this.loop.state());
    // It sees to it that there is another try.
    if (publisher.retryAt() !== Infinity) this.loop.tick();
  }

  /** Carries out one effect. Its outcome, if there is one, is answered before this returns. */
  run(effect: Effect, tell: (event: Event) => void): void {
    const { processes, publisher, dependencies, logPipe } = this.#ports;
    const answer: Answering = (slot, outcome) => tell({ slot, at: this.#ports.now(), ...outcome });
    switch (effect.kind) {
      case "startRun":
        this.#ports.beforeStart?.();
        this.#ports.follow(effect.slot);
        this.#announce(effect.slot, "run");
        return answer(effect.slot, processes.startRun(effect.slot, effect.placement));
      case "startFinish":
        if (!processes.hasFinish()) return answer("service", { kind: "finishSkipped", retry: false });
        this.#announce("service", "finish");
        return answer("service", processes.startFinish(effect.last));
      case "runScript":
        return this.#runScript(effect.letter, answer);
      case "signal":
        return processes.signal(effect.pid, effect.signal);
      case "killFinish":
      case "killCheck":
        return processes.killGroup(effect.process);
      case "startCheck":
        return answer("service", processes.startCheck());
      case "checkDependencies":
        return answer("service", { kind: "dependenciesChecked", ...dependencies.check() });
      case "forgetDependencies":
        return dependencies.forget();
      case "report":
        return this.#ports.report(effect.event, effect.exit, effect.isCritical);
      case "recordEnd":
        return this.#ports.ends.record(effect.slot, effect.end, effect.keepsWords);
      case "lookBehind":
        return answer("service", processes.lookBehind(effect.run));
      case "checkLeftovers": {
        const isAny = processes.hasLeftovers(effect.group, effect.orphans, effect.keepsMembers);
        return answer(effect.slot, { kind: "leftoversChecked", isAny });
      }
      case "signalLeftovers":
        return processes.signalLeftovers(effect.group, effect.orphans, effect.signal, effect.keepsMembers);
      case "warn":
        return this.#ports.say.warning(effect.message);
      case "closeLogPipe":
        return logPipe === null ? undefined : closeLogInput(logPipe);
      case "checkLogPipe":
        return answer("log", { kind: "logPipeChecked", hasLines: logPipe !== null && hasBytes(logPipe.read) });
      case "exit":
        dependencies.forget();
        publisher.publish(this.loop.state());
        this.#ports.ends.flush();
        return this.#ports.onExit();
      default:
        return effect satisfies never;
    }
  }

  /** A start goes on record before the process exists: if we are killed in between, our successor knows what to search for. */
  #announce(name: SlotName, what: "run" | "finish"): void {
    const slot = this.loop.state()[name];
    if (slot !== null) this.#ports.publisher.announce(slot, what, this.#ports.now());
  }

  #runScript(letter: ScriptLetter, answer: Answering): void {
    const { processes, publisher } = this.#ports;
    const state = this.loop.state();
    const hasScript = processes.hasScript(letter);
    // The script may read the status, which must be true before it starts.
    if (hasScript) publisher.publish(state);
    this.script = hasScript ? processes.startScript(letter, pidOfRun(state)) : null;
    if (this.script === null) answer("service", { kind: "scriptDone", replacesSignal: false });
  }
}

/** Pid of the running `./run`; null where there is none, as before a start. */
function pidOfRun({ service }: State): number | null {
  return service.state.kind === "run" ? service.state.process.pid : null;
}
