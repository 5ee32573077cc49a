import { closeSync } from "node:fs";

import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { createLoop } from "@upkeep/program/loop/loop";
import type { Trace } from "@upkeep/program/trace/trace-file";
import type { Command } from "@upkeep/supervise/core/command";
import { bootMillis, monotonicMillis, wallClock } from "@upkeep/linux/time/clock";
import type { Pipe } from "@upkeep/linux/fd/pipe";
import { decodeExit, type Reaped } from "@upkeep/linux/process/wait";

import type { Children } from "./processes.ts";
import type { Dependencies } from "../depend/dependencies.ts";
import type { Effect } from "../core/effect.ts";
import type { Answer, Event } from "../core/event.ts";
import type { Moment } from "../core/moment.ts";
import type { Publisher } from "./publisher.ts";
import type { Report } from "./reports.ts";
import type { ScriptLetter, SlotName } from "../core/slot.ts";
import { nextDeadline, step, type State } from "../core/supervisor.ts";

/** The engine of one service directory: events go in, effects come out. */
export interface Interpreter {
  /** Commands that came together from the control FIFO of the service or of its log. */
  obey(slot: SlotName, commands: readonly Command[]): void;
  /** Children that have been reaped; those of others are passed over. */
  reaped(children: readonly Reaped[]): void;
  /** An adopted process has ended. */
  lost(slot: SlotName, pid: number): void;
  /** A process of the service has told that it is ready. */
  notified(pid: number): void;
  /** A dependency has changed. */
  dependencyChanged(): void;
  /** Does what is due. To be called once to begin; later it calls itself. */
  tick(): void;
}

export interface Ports {
  readonly children: Children;
  readonly publisher: Publisher;
  readonly dependencies: Dependencies;
  readonly report: Report;
  readonly logPipe: Pipe | null;
  readonly say: Diagnostics;
  readonly trace?: Trace | null;
  /** Called once, when there is nothing left to supervise. */
  readonly onExit: () => void;
}

/** All clocks, now. */
export function currentMoment(): Moment {
  return { wall: wallClock(), monotonic: monotonicMillis(), boot: bootMillis() };
}

/** Runs a supervisor on the outside world, and publishes its state. */
export function createInterpreter(initial: State, ports: Ports): Interpreter {
  const { children, publisher } = ports;
  let script: number | null = null;

  const run = (effect: Effect, tell: (event: Event) => void): void => {
    const answer = (slot: SlotName, outcome: Answer): void => tell({ slot, at: currentMoment(), ...outcome });
    switch (effect.kind) {
      case "startRun":
        announce(effect.slot, "run");
        return answer(effect.slot, children.startRun(effect.slot));
      case "startFinish":
        if (!children.hasFinish()) return answer("service", { kind: "finishSkipped", retry: false });
        announce("service", "finish");
        return answer("service", children.startFinish(effect.last));
      case "runScript":
        script = children.hasScript(effect.letter) ? startScript(effect.letter) : null;
        if (script === null) answer("service", { kind: "scriptDone", replacesSignal: false });
        return;
      case "signal":
        return children.signal(effect.pid, effect.signal);
      case "killFinish":
      case "killCheck":
        return children.killGroup(effect.process);
      case "startCheck":
        return answer("service", children.startCheck());
      case "checkDependencies":
        return answer("service", { kind: "dependenciesChecked", ...ports.dependencies.check() });
      case "forgetDependencies":
        return ports.dependencies.forget();
      case "report":
        return ports.report(effect.event, effect.exit, effect.isCritical);
      case "checkLeftovers": {
        const isAny = children.hasLeftovers(effect.group, effect.orphans);
        return answer(effect.slot, { kind: "leftoversChecked", isAny });
      }
      case "signalLeftovers":
        return children.signalLeftovers(effect.group, effect.orphans, effect.signal);
      case "warn":
        return ports.say.warning(effect.message);
      case "closeLogPipe":
        if (ports.logPipe !== null) {
          closeSync(ports.logPipe.write);
          closeSync(ports.logPipe.read);
        }
        return;
      case "exit":
        ports.dependencies.forget();
        publisher.publish(machine.state());
        return ports.onExit();
      default:
        return effect satisfies never;
    }
  };

  /** Killed before the process is on record, we must have told whom to look for. */
  const announce = (name: SlotName, what: "run" | "finish"): void => {
    const slot = machine.state()[name];
    if (slot !== null) publisher.announce(slot, what, currentMoment());
  };

  /** The script may look at the status, so that must be true before it starts. */
  const startScript = (letter: ScriptLetter): number | null => {
    publisher.publish(machine.state());
    return children.startScript(letter);
  };

  const machine = createLoop({
    initial,
    step,
    nextDeadline: (state) => Math.min(nextDeadline(state), publisher.retryAt()),
    now: monotonicMillis,
    tick: (): Event => ({ kind: "tick", at: currentMoment() }),
    run,
    onSettled: publisher.publish,
    trace: ports.trace ?? null,
  });
  const { post, tick } = machine;

  return {
    obey: (slot, commands) => {
      const at = currentMoment();
      post(...commands.map((command): Event => ({ kind: "command", slot, command, at })));
    },
    reaped: (dead) => {
      for (const { pid, status } of dead) {
        const exit = decodeExit(status);
        const at = currentMoment();
        if (!children.forget(pid)) {
          post({ kind: "tick", at });
        } else if (pid === script) {
          script = null;
          const replacesSignal = exit.kind === "exited" && exit.code === 0;
          post({ kind: "scriptDone", slot: "service", replacesSignal, at });
        } else {
          // The slot that has no such process passes it over.
          post({ kind: "exited", slot: "service", pid, exit, at });
          post({ kind: "exited", slot: "log", pid, exit, at });
        }
      }
    },
    lost: (slot, pid) => post({ kind: "exited", slot, pid, exit: { kind: "unknown" }, at: currentMoment() }),
    notified: (pid) => post({ kind: "notified", slot: "service", pid, at: currentMoment() }),
    dependencyChanged: () => post({ kind: "dependencyChanged", slot: "service", at: currentMoment() }),
    tick,
  };
}
