import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { createLoop } from "@upkeep/program/loop/loop";
import type { Trace } from "@upkeep/program/trace/trace-file";
import type { SignalName } from "@upkeep/linux/core/signals";
import { decodeExit, type Reaped } from "@upkeep/linux/process/wait";

import type { Effect, EndSignal, Event, RunsvEnd, StartOutcome } from "../core/event.ts";
import type { Identity, Listed } from "../core/scan.ts";
import { initialState, type Policy, type State } from "../core/state.ts";
import type { Needs } from "../core/stop-order.ts";
import { nextDeadline, step } from "../core/step.ts";

/** The engine of one scan directory: it takes events, and carries out the effects. */
export interface Interpreter {
  /** A complete listing of the scan directory. */
  listed(listing: readonly Listed[]): void;
  /** Children that have been reaped, adopted orphans among them. */
  reaped(children: readonly Reaped[]): void;
  /** An adopted runsv, or an engine in this process, has ended. */
  ended(pid: number, end: RunsvEnd): void;
  signalled(signal: EndSignal, isTyped: boolean): void;
  /** Our parent says that the time for an orderly stop is over. */
  timeOver(): void;
  /** A critical service has ended for good, with this exit code. */
  criticalEnded(name: string, code: number): void;
  state(): State;
}

export interface Ports {
  readonly now: () => number;
  /** Called after each piece of work. */
  readonly onWork?: (() => void) | undefined;
  readonly trace?: Trace | null;
  /** Starts runsv, or adopts one. */
  readonly start: (identity: Identity, name: string, isLast: boolean) => StartOutcome;
  readonly signal: (pid: number, signal: SignalName) => void;
  /** Sends TERM once more to a runsv that has been called back. */
  readonly remind: (identity: Identity, name: string, pid: number) => void;
  /** Has the service's process killed by its runsv. */
  readonly killService: (identity: Identity, name: string) => void;
  /** Asks for a scan, soon. */
  readonly rescan: () => void;
  /** Reads which services depend on which. */
  readonly readNeeds: () => Needs;
  /** Tells our parent that everything ends because of a critical service. */
  readonly reportCritical: (name: string, code: number) => void;
  readonly say: Diagnostics;
  /** Called once, with the exit code. */
  readonly onEnd: (code: number, awaitsEngines: boolean) => void;
  readonly onDie: (signal: EndSignal) => void;
}

/** Connects the pure core with its ports. */
export function createInterpreter(policy: Policy, ports: Ports): Interpreter {
  const run = (effect: Effect, answer: (event: Event) => void): void => {
    switch (effect.kind) {
      case "start": {
        const { identity, name, isLast } = effect;
        return answer({ identity, ...ports.start(identity, name, isLast), at: ports.now() });
      }
      case "signal":
        return ports.signal(effect.pid, effect.signal);
      case "move":
        // Ignored by a runsv that has no handler yet. It looks once when it has one.
        return ports.signal(effect.pid, "SIGCONT");
      case "remind":
        return ports.remind(effect.identity, effect.name, effect.pid);
      case "killService":
        return ports.killService(effect.identity, effect.name);
      case "rescan":
        return ports.rescan();
      case "reportCritical":
        return ports.reportCritical(effect.name, effect.code);
      case "warn":
        return ports.say[effect.severity](effect.message);
      case "end":
        return ports.onEnd(effect.code, effect.awaitsEngines === true);
      case "die":
        return ports.onDie(effect.signal);
      default:
        return effect satisfies never;
    }
  };

  const machine = createLoop(initialState(policy), {
    step,
    nextDeadline,
    now: ports.now,
    tick: (): Event => ({ kind: "tick", at: ports.now() }),
    run,
    onWork: ports.onWork,
    trace: ports.trace ?? null,
  });
  return {
    state: () => machine.state(),
    listed: (listing) => machine.post({ kind: "listed", listing, at: ports.now() }),
    reaped: (children) => {
      for (const { pid, status } of children) {
        machine.post({ kind: "exited", pid, end: endOf(status), at: ports.now() });
      }
    },
    ended: (pid, end) => machine.post({ kind: "exited", pid, end, at: ports.now() }),
    signalled: (signal, isTyped) => {
      const needs: Needs = policy.isOrderly || isTyped ? ports.readNeeds() : new Map();
      machine.post({ kind: "signal", signal, isTyped, needs, at: ports.now() });
    },
    timeOver: () => machine.post({ kind: "timeOver", needs: ports.readNeeds(), at: ports.now() }),
    criticalEnded: (name, code) =>
      machine.post({ kind: "critical", name, code, needs: ports.readNeeds(), at: ports.now() }),
  };
}

function endOf(status: number): RunsvEnd {
  const exit = decodeExit(status);
  if (exit.kind === "killed") return "killed";
  return exit.code === 0 ? "success" : "failure";
}
