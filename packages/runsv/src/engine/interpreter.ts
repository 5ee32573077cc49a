import type { Loop } from "@upkeep/program/loop/loop";
import type { Command } from "@upkeep/supervise/core/command";
import { decodeExit, type Reaped } from "@upkeep/linux/process/wait";

import type { Event, SlotEvent } from "../core/event.ts";
import type { Process } from "../core/moment.ts";
import type { SlotName } from "../core/slot.ts";
import type { State } from "../core/supervisor.ts";
import type { Publisher } from "./publisher.ts";
import { World, type Ports } from "./world.ts";

/** The engine of one service directory: events go in, effects come out. */
export interface Interpreter {
  /** Commands that came together from the control FIFO of the service or of its log. */
  obey(slot: SlotName, commands: readonly Command[]): void;
  /** A child is about to be reaped. */
  beforeReaping(pid: number): void;
  /** Children that have been reaped, among them orphans, which are nobody's. */
  reaped(children: readonly Reaped[]): void;
  /** An adopted process has ended. */
  lost(slot: SlotName, pid: number): void;
  /** A process of the service has written to its notification descriptor. */
  notified(pid: number): void;
  /** A dependency has changed. */
  dependencyChanged(): void;
  /** Moves over to directories that were replaced, and starts there what runs. */
  moveOver(): void;
  /** Whether it ends when the service has ended, unless another command comes. */
  isLeaving(): boolean;
  /** What the engine must not be replaced in the middle of; null: nothing. */
  underWay(): string | null;
  /** The `./check` that works now. */
  check(): Process | null;
  /** Does nothing any more. */
  stop(): void;
  /** Does what is due. The caller calls it once to begin; later the engine wakes by itself. */
  tick(): void;
}

/** Runs a supervisor on the outside world, and publishes its state. */
export function createInterpreter(initial: State, ports: Ports): Interpreter {
  return new Engine(initial, ports);
}

class Engine implements Interpreter {
  readonly #ports: Ports;
  readonly #world: World;
  readonly #loop: Loop<State, Event>;

  constructor(initial: State, ports: Ports) {
    this.#ports = ports;
    this.#world = new World(initial, ports);
    this.#loop = this.#world.loop;
  }

  obey(slot: SlotName, commands: readonly Command[]): void {
    this.#post(slot, ...commands.map((command) => ({ kind: "command", command }) as const));
  }

  beforeReaping(pid: number): void {
    this.#ports.processes.beforeReaping(pid);
  }

  reaped(children: readonly Reaped[]): void {
    for (const child of children) this.#reapedOne(child);
  }

  /** The exit of a child goes to the slot that it belongs to. An orphan only makes the engine see what is due. */
  #reapedOne({ pid, status }: Reaped): void {
    const { processes } = this.#ports;
    const exit = decodeExit(status);
    const group = processes.groupOf(pid);
    const slot = processes.reaped(pid);
    if (slot === null) return this.tick();
    if (pid !== this.#world.script) return this.#post(slot, { kind: "exited", pid, exit, group });
    this.#world.script = null;
    const replacesSignal = exit.kind === "exited" && exit.code === 0;
    this.#loop.post({ kind: "scriptDone", slot, replacesSignal, at: this.#ports.now() });
  }

  lost(slot: SlotName, pid: number): void {
    this.#post(slot, { kind: "exited", pid, exit: { kind: "unknown" } });
  }

  notified(pid: number): void {
    this.#post("service", { kind: "notified", pid });
  }

  dependencyChanged(): void {
    this.#post("service", { kind: "dependencyChanged" });
  }

  moveOver(): void {
    this.#ports.lookAnew();
    const moved = (["service", "log"] as const).filter((slot) => this.#ports.follow(slot));
    // A log service comes and goes only with the supervisor.
    const isOther = moved.includes("service") && this.#ports.hasLog() !== (this.#loop.state().log !== null);
    if (isOther) return this.#post("service", { kind: "command", command: "exit" });
    for (const slot of moved) this.#post(slot, { kind: "command", command: "term" });
  }

  isLeaving(): boolean {
    return this.#loop.state().service.want === "exit";
  }

  underWay(): string | null {
    return underWay(this.#loop.state(), this.#ports.publisher);
  }

  check(): Process | null {
    const { state } = this.#loop.state().service;
    return state.kind === "run" && state.progress.kind === "polled" ? state.progress.check : null;
  }

  stop(): void {
    this.#world.stop();
    this.#loop.stop();
    this.#ports.dependencies.forget();
  }

  tick(): void {
    this.#loop.tick();
  }

  #post(slot: SlotName, ...events: readonly SlotEvent[]): void {
    const at = this.#ports.now();
    this.#loop.post(...events.map((event): Event => ({ slot, at, ...event })));
  }
}

/** A control script is on no record, nor are the commands that wait for its end. */
function underWay({ service }: State, publisher: Publisher): string | null {
  if (service.script !== null) return `control/${service.script} is running`;
  return publisher.retryAt() === Infinity ? null : "its state cannot be written";
}
