import { createLoop } from "@upkeep/program/loop/loop";
import type { Trace } from "@upkeep/program/trace/trace-file";
import type { SignalName } from "@upkeep/linux/core/signals";
import { decodeExit, type Reaped } from "@upkeep/linux/process/wait";

import type { Child, Effect, Event, Outcome, ScriptSet, StartOutcome } from "../core/event.ts";
import { nextDeadline, step } from "../core/step.ts";
import { type Facts, initialState, type State } from "../core/state.ts";

/** The engine of my_init: it takes events, and carries out the effects. */
export interface Interpreter {
  begin(): void;
  /** Children that have been reaped, adopted orphans among them. */
  reaped(children: readonly Reaped[]): void;
  signalled(signal: SignalName): void;
  /** runsvdir stops everything because of a critical service. */
  criticalEnded(): void;
  state(): State;
}

/** What my_init can do. None of it throws. */
export interface Ports {
  readonly now: () => number;
  /** Called after each piece of work. */
  readonly onWork?: (() => void) | undefined;
  readonly trace?: Trace | null;
  readonly say: (level: "info" | "warning", text: string) => void;
  /** The paths of the executable files of a set, in their order. */
  readonly list: (set: ScriptSet) => readonly string[];
  readonly start: (child: Child) => StartOutcome;
  readonly reloadEnvironment: () => void;
  readonly signal: (pid: number, signal: SignalName) => void;
  readonly signalAll: (signal: "SIGTERM" | "SIGCONT" | "SIGKILL") => void;
  /** Our living descendants, as words for a message. */
  readonly alive: () => readonly string[];
  /** Ends the process. */
  readonly end: (code: number) => void;
}

/** Connects the pure core with its ports. @param resumed the state of a container that runs already. */
export function createInterpreter(facts: Facts, ports: Ports, resumed: State | null = null): Interpreter {
  const run = (effect: Effect, tell: (event: Event) => void): void => {
    const answer = (outcome: Outcome): void => tell({ ...outcome, at: ports.now() });
    switch (effect.kind) {
      case "say":
        return ports.say(effect.level, effect.text);
      case "list":
        return answer({ kind: "listed", set: effect.set, paths: ports.list(effect.set) });
      case "start":
        return answer(ports.start(effect.child));
      case "reloadEnvironment":
        return ports.reloadEnvironment();
      case "signal":
        return ports.signal(effect.pid, effect.signal);
      case "signalAll":
        return ports.signalAll(effect.signal);
      case "listAlive":
        return answer({ kind: "alive", names: ports.alive(), isReport: effect.isReport });
      case "end":
        return ports.end(effect.code);
      default:
        return effect satisfies never;
    }
  };

  const machine = createLoop(resumed ?? initialState(facts), {
    step,
    nextDeadline,
    now: ports.now,
    tick: (): Event => ({ kind: "tick", at: ports.now() }),
    run,
    onWork: ports.onWork,
    trace: ports.trace ?? null,
  });
  return {
    begin: () => (resumed === null ? machine.post({ kind: "begin", at: ports.now() }) : machine.tick()),
    state: () => machine.state(),
    reaped: (children) => {
      const ended = children.map(({ pid, status }) => ({ pid, exit: decodeExit(status) }));
      if (ended.length > 0) machine.post({ kind: "exited", children: ended, at: ports.now() });
    },
    signalled: (signal) => machine.post({ kind: "signal", signal, at: ports.now() }),
    criticalEnded: () => machine.post({ kind: "critical", at: ports.now() }),
  };
}
