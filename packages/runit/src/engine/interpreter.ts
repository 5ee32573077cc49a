import { createLoop } from "@upkeep/program/loop/loop";
import type { MachineCommand } from "@upkeep/linux/process/process-one";
import type { Trace } from "@upkeep/program/trace/trace-file";
import type { SignalName } from "@upkeep/linux/core/signals";
import { decodeExit, type Reaped } from "@upkeep/linux/process/wait";

import type { Effect, Event, Outcome, Script, StageSignal, StartOutcome } from "../core/event.ts";
import { nextDeadline, step } from "../core/stages.ts";
import { initialState, type Facts } from "../core/state.ts";

/** The engine of process 1: it takes events, and carries out the effects. */
export interface Interpreter {
  begin(consoleErrno: number): void;
  /** Children that have been reaped, adopted orphans among them. */
  reaped(children: readonly Reaped[]): void;
  signalled(signal: StageSignal): void;
}

/** What process 1 can do. None of it throws. */
export interface Ports {
  readonly now: () => number;
  /** Called after each piece of work. */
  readonly onWork?: (() => void) | undefined;
  readonly trace?: Trace | null;
  readonly say: (text: string) => void;
  readonly start: (script: Script, newSession: boolean) => StartOutcome;
  readonly signal: (pid: number, signal: SignalName) => void;
  readonly takeStopRequest: () => boolean;
  readonly hasCtrlAltDel: () => boolean;
  readonly killAll: () => void;
  readonly isRebootAsked: () => boolean;
  readonly isSyncWanted: () => boolean;
  readonly sync: () => void;
  /** Returns the errno, or 0. */
  readonly command: (command: MachineCommand) => number;
  /** Ends the process. */
  readonly end: (code: number) => void;
}

/** Connects the pure core with its ports. */
export function createInterpreter(facts: Facts, ports: Ports): Interpreter {
  const run = (effect: Effect, tell: (event: Event) => void): void => {
    const answer = (outcome: Outcome): void => tell({ ...outcome, at: ports.now() });
    switch (effect.kind) {
      case "say":
        return ports.say(effect.text);
      case "start":
        return answer(ports.start(effect.script, effect.newSession));
      case "signal":
        return ports.signal(effect.pid, effect.signal);
      case "readStopRequest":
        return answer({ kind: "stopRequestRead", isAsked: ports.takeStopRequest() });
      case "findCtrlAltDel":
        return answer({ kind: "ctrlAltDelFound", isThere: ports.hasCtrlAltDel() });
      case "killAll":
        return ports.killAll();
      case "readShutdown":
        return answer({
          kind: "shutdownRead",
          isReboot: ports.isRebootAsked(),
          isSynced: ports.isSyncWanted(),
        });
      case "sync":
        return ports.sync();
      case "command": {
        const errno = ports.command(effect.command);
        if (errno !== 0) answer({ kind: "refused", command: effect.command, errno });
        return;
      }
      case "end":
        return ports.end(effect.code);
      default:
        return effect satisfies never;
    }
  };

  const machine = createLoop(initialState(facts), {
    step,
    nextDeadline,
    now: ports.now,
    tick: (): Event => ({ kind: "tick", at: ports.now() }),
    run,
    onWork: ports.onWork,
    trace: ports.trace ?? null,
  });
  return {
    begin: (consoleErrno) => machine.post({ kind: "begin", consoleErrno, at: ports.now() }),
    reaped: (children) => {
      for (const { pid, status } of children)
        machine.post({ kind: "exited", pid, exit: decodeExit(status), at: ports.now() });
    },
    signalled: (signal) => machine.post({ kind: "signal", signal, at: ports.now() }),
  };
}
