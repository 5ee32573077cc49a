import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { createLoop } from "@upkeep/program/loop/loop";
import type { Trace } from "@upkeep/program/trace/trace-file";
import type { Command } from "@upkeep/supervise/core/command";
import type { Pipe } from "@upkeep/linux/fd/pipe";
import { hasBytes } from "@upkeep/linux/fd/poll";
import { decodeExit, type Reaped } from "@upkeep/linux/process/wait";

import type { Effect } from "../core/effect.ts";
import type { Answer, Event, SlotEvent } from "../core/event.ts";
import type { Moment, Process } from "../core/moment.ts";
import type { SlotName } from "../core/slot.ts";
import { nextDeadline, step, type State } from "../core/supervisor.ts";
import type { Dependencies } from "../depend/dependencies.ts";
import { closeLogInput } from "./output.ts";
import type { Contain } from "./contain.ts";
import type { Processes } from "./processes.ts";
import type { EndRecords } from "./end-records.ts";
import type { Publisher } from "./publisher.ts";
import type { Report } from "./report.ts";

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

/** Runs a supervisor on the outside world, and publishes its state. */
export function createInterpreter(initial: State, ports: Ports): Interpreter {
  const { now, publisher } = ports;
  /** Pid of the control script that works now; null: none. */
  const running: { script: number | null } = { script: null };
  const machine = createLoop(initial, {
    step,
    nextDeadline: (state) => Math.min(nextDeadline(state), publisher.retryAt()),
    now: () => now().monotonic,
    tick: (): Event => ({ kind: "tick", at: now() }),
    run: (effect: Effect, tell: (event: Event) => void) => {
      const answer = (slot: SlotName, outcome: Answer): void => tell({ slot, at: now(), ...outcome });
      carryOut(effect, ports, { state: () => machine.state(), running, answer });
    },
    onSettled: (state) => {
      publishInTime(state);
      ports.lookAnew();
    },
    onWork: ports.onWork,
    contain: ports.contain,
    inTurn: ports.inTurn,
    trace: ports.trace ?? null,
  });
  /** Whether the state is to be published at the end of this turn. */
  let isDue = false;
  const publishDue = (): void => {
    if (!isDue) return;
    isDue = false;
    publisher.publish(machine.state());
    // It sees to it that there is another try.
    if (publisher.retryAt() !== Infinity) machine.tick();
  };
  const later = ports.contain?.(publishDue) ?? publishDue;
  const publishInTime = (state: State): void => {
    const { atTurnEnd } = ports;
    const isLater = atTurnEnd !== undefined && !state.isExiting && publisher.mayWait(state);
    if (isLater && !isDue) atTurnEnd(later);
    isDue = isLater;
    // A state that exits has been published by its effect.
    if (!isLater && !state.isExiting) publisher.publish(state);
  };
  const post = (slot: SlotName, ...events: readonly SlotEvent[]): void => {
    const at = now();
    machine.post(...events.map((event): Event => ({ slot, at, ...event })));
  };

  /** The exit of a child goes to the slot that it belongs to. An orphan only makes the engine see what is due. */
  const reapedOne = ({ pid, status }: Reaped): void => {
    const exit = decodeExit(status);
    const group = ports.processes.groupOf(pid);
    const slot = ports.processes.reaped(pid);
    if (slot === null) return machine.tick();
    if (pid !== running.script) return post(slot, { kind: "exited", pid, exit, group });
    running.script = null;
    const replacesSignal = exit.kind === "exited" && exit.code === 0;
    machine.post({ kind: "scriptDone", slot, replacesSignal, at: now() });
  };

  return {
    obey: (slot, commands) => post(slot, ...commands.map((command) => ({ kind: "command", command }) as const)),
    beforeReaping: ports.processes.beforeReaping,
    reaped: (children) => {
      for (const child of children) reapedOne(child);
    },
    lost: (slot, pid) => post(slot, { kind: "exited", pid, exit: { kind: "unknown" } }),
    notified: (pid) => post("service", { kind: "notified", pid }),
    dependencyChanged: () => post("service", { kind: "dependencyChanged" }),
    moveOver: () => {
      ports.lookAnew();
      const moved = (["service", "log"] as const).filter((slot) => ports.follow(slot));
      // A log service comes and goes only with the supervisor.
      const isOther = moved.includes("service") && ports.hasLog() !== (machine.state().log !== null);
      if (isOther) return post("service", { kind: "command", command: "exit" });
      for (const slot of moved) post(slot, { kind: "command", command: "term" });
    },
    underWay: () => underWay(machine.state(), publisher),
    check: () => {
      const { state } = machine.state().service;
      return state.kind === "run" && state.progress.kind === "polled" ? state.progress.check : null;
    },
    isLeaving: () => machine.state().service.want === "exit",
    stop: () => {
      isDue = false;
      machine.stop();
      ports.dependencies.forget();
    },
    tick: () => machine.tick(),
  };
}

/** A control script is on no record, nor are the commands that wait for its end. */
function underWay({ service }: State, publisher: Publisher): string | null {
  if (service.script !== null) return `control/${service.script} is running`;
  return publisher.retryAt() === Infinity ? null : "its state cannot be written";
}

/** What an effect may use besides the ports. */
interface Context {
  readonly state: () => State;
  readonly running: { script: number | null };
  readonly answer: (slot: SlotName, outcome: Answer) => void;
}

/** Carries out one effect. Its outcome, if there is one, is answered before this returns. */
function carryOut(effect: Effect, ports: Ports, context: Context): void {
  const { processes, publisher, dependencies, say } = ports;
  const { answer } = context;
  switch (effect.kind) {
    case "startRun":
      ports.beforeStart?.();
      ports.follow(effect.slot);
      announce(effect.slot, "run", ports, context);
      return answer(effect.slot, processes.startRun(effect.slot, effect.placement));
    case "startFinish":
      if (!processes.hasFinish()) return answer("service", { kind: "finishSkipped", retry: false });
      announce("service", "finish", ports, context);
      return answer("service", processes.startFinish(effect.last));
    case "runScript":
      return runScript(effect, ports, context);
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
      return ports.report(effect.event, effect.exit, effect.isCritical);
    case "recordEnd":
      return ports.ends.record(effect.slot, effect.end, effect.keepsWords);
    case "lookBehind":
      return answer("service", processes.lookBehind(effect.run));
    case "checkLeftovers": {
      const isAny = processes.hasLeftovers(effect.group, effect.orphans, effect.keepsMembers);
      return answer(effect.slot, { kind: "leftoversChecked", isAny });
    }
    case "signalLeftovers":
      return processes.signalLeftovers(effect.group, effect.orphans, effect.signal, effect.keepsMembers);
    case "warn":
      return say.warning(effect.message);
    case "closeLogPipe":
      if (ports.logPipe !== null) closeLogInput(ports.logPipe);
      return;
    case "checkLogPipe":
      return answer("log", {
        kind: "logPipeChecked",
        hasLines: ports.logPipe !== null && hasBytes(ports.logPipe.read),
      });
    case "exit":
      dependencies.forget();
      publisher.publish(context.state());
      ports.ends.flush();
      return ports.onExit();
    default:
      return effect satisfies never;
  }
}

/** A start goes on record before the process exists: if we are killed in between, our successor knows what to search for. */
function announce(name: SlotName, what: "run" | "finish", { publisher, now }: Ports, { state }: Context): void {
  const slot = state()[name];
  if (slot !== null) publisher.announce(slot, what, now());
}

function runScript(
  { letter }: Effect & { readonly kind: "runScript" },
  { processes, publisher }: Ports,
  { state, running, answer }: Context,
): void {
  const hasScript = processes.hasScript(letter);
  // The script may read the status, which must be true before it starts.
  if (hasScript) publisher.publish(state());
  running.script = hasScript ? processes.startScript(letter, pidOfRun(state())) : null;
  if (running.script === null) answer("service", { kind: "scriptDone", replacesSignal: false });
}

/** Pid of the running `./run`; null where there is none, as before a start. */
function pidOfRun({ service }: State): number | null {
  return service.state.kind === "run" ? service.state.process.pid : null;
}
