import type { Diagnostics } from "@upkeep/program/diagnostics";
import type { SignalName } from "@upkeep/syscalls/signal";

import type { Effect, EndSignal, Event, StartOutcome } from "./event.ts";
import type { Identity, Listed } from "./scan.ts";
import { initialState, type Policy } from "./state.ts";
import { nextDeadline, step } from "./supervisor.ts";

/** The engine of one scan directory: events go in, effects come out. */
export interface Interpreter {
  /** A complete listing of the scan directory. */
  listed(listing: readonly Listed[]): void;
  /** Children that have been reaped; adopted ones are passed over. */
  reaped(children: readonly { readonly pid: number }[]): void;
  signalled(signal: EndSignal, isTyped: boolean): void;
}

export interface Ports {
  readonly now: () => number;
  readonly start: (identity: Identity, name: string) => StartOutcome;
  readonly signal: (pid: number, signal: SignalName) => void;
  /** Has the service's process killed by its runsv. */
  readonly forceStop: (identity: Identity, name: string) => void;
  /** Looks at the scan directory again, soon. */
  readonly rescan: () => void;
  readonly say: Diagnostics;
  /** Called once, with the exit code. */
  readonly onEnd: (code: number) => void;
  readonly onDie: (signal: EndSignal) => void;
}

/** The longest a timer of the runtimes can run, in ms; a later deadline is looked at again then. */
const longestTimer = 2 ** 31 - 1;

/** Feeds {@link step} one event at a time, carries out its effects in order and wakes up for its next deadline. */
export function createInterpreter(policy: Policy, ports: Ports): Interpreter {
  let state = initialState(policy);
  let isRunning = false;
  const queue: Event[] = [];
  let timer: NodeJS.Timeout | undefined;
  let turn: NodeJS.Immediate | undefined;

  const post = (event: Event): void => {
    queue.push(event);
    if (isRunning) return;
    isRunning = true;
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) handle(next);
    } finally {
      isRunning = false;
      schedule();
    }
  };

  const handle = (event: Event): void => {
    const result = step(state, event);
    state = result.state;
    for (const effect of result.effects) run(effect);
  };

  const run = (effect: Effect): void => {
    switch (effect.kind) {
      case "start": {
        const { identity, name } = effect;
        queue.push({ identity, ...ports.start(identity, name), at: ports.now() });
        return;
      }
      case "signal":
        return ports.signal(effect.pid, effect.signal);
      case "forceStop":
        return ports.forceStop(effect.identity, effect.name);
      case "rescan":
        return ports.rescan();
      case "warn":
        return ports.say[effect.severity](effect.message);
      case "end":
        return ports.onEnd(effect.code);
      case "die":
        return ports.onDie(effect.signal);
      default:
        return effect satisfies never;
    }
  };

  const schedule = (): void => {
    clearTimeout(timer);
    clearImmediate(turn);
    const pause = Math.ceil(nextDeadline(state) - ports.now());
    if (pause <= 0) turn = setImmediate(tick);
    else if (pause !== Infinity) timer = setTimeout(tick, Math.min(pause, longestTimer));
  };

  const tick = (): void => post({ kind: "tick", at: ports.now() });

  return {
    listed: (listing) => post({ kind: "listed", listing, at: ports.now() }),
    reaped: (children) => {
      for (const { pid } of children) post({ kind: "exited", pid, at: ports.now() });
    },
    signalled: (signal, isTyped) => post({ kind: "signal", signal, isTyped, at: ports.now() }),
  };
}
