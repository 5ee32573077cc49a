import { closeSync } from "node:fs";

import type { Diagnostics } from "@upkeep/program/diagnostics";
import type { Command } from "@upkeep/supervise/command";
import { monotonicMillis, wallClock } from "@upkeep/syscalls/clock";
import type { Pipe } from "@upkeep/syscalls/pipe";
import { decodeExit, type Reaped } from "@upkeep/syscalls/wait";

import type { Children } from "./children.ts";
import type { Effect } from "./effect.ts";
import type { Answer, Event } from "./event.ts";
import type { Publisher } from "./publisher.ts";
import type { Moment, ScriptLetter, SlotName } from "./slot.ts";
import { nextDeadline, step, type State } from "./supervisor.ts";

/** The engine of one service directory: events go in, effects come out. */
export interface Interpreter {
  /** Commands that came together from the control FIFO of the service or of its log. */
  obey(slot: SlotName, commands: readonly Command[]): void;
  /** Children that have been reaped; those of others are passed over. */
  reaped(children: readonly Reaped[]): void;
  /** Does what is due. To be called once to begin; later it calls itself. */
  tick(): void;
}

export interface Ports {
  readonly children: Children;
  readonly publisher: Publisher;
  readonly logPipe: Pipe | null;
  readonly say: Diagnostics;
  /** Called once, when there is nothing left to supervise. */
  readonly onExit: () => void;
}

/** The longest a timer of the runtimes can run, in ms; a later deadline is looked at again then. */
const longestTimer = 2 ** 31 - 1;

/** Both clocks, now. */
export function currentMoment(): Moment {
  return { wall: wallClock(), monotonic: monotonicMillis() };
}

/**
 * Runs a supervisor on the outside world: feeds {@link step} one event at a time, carries out its
 * effects in order, publishes the state and wakes up for its next deadline.
 */
export function createInterpreter(initial: State, ports: Ports): Interpreter {
  const { children, publisher } = ports;
  let state = initial;
  let isRunning = false;
  let queue: Event[] = [];
  let head = 0;
  const answers: Event[] = [];
  let script: number | null = null;
  let timer: NodeJS.Timeout | null = null;

  /** What came together is published once: a flood of commands must not become a flood of files. */
  const post = (...events: readonly Event[]): void => {
    for (const event of events) queue.push(event);
    if (isRunning) return;
    isRunning = true;
    try {
      for (let next = take(); next !== undefined; next = take()) handle(next);
      publisher.publish(state);
    } finally {
      isRunning = false;
    }
    schedule();
  };

  const take = (): Event | undefined => {
    const answered = answers.shift();
    if (answered !== undefined) return answered;
    if (head < queue.length) return queue[head++];
    queue = [];
    head = 0;
    return undefined;
  };

  const handle = (event: Event): void => {
    const result = step(state, event);
    state = result.state;
    for (const effect of result.effects) run(effect);
  };

  /** An effect's outcome is the next thing the slot hears of. */
  const answer = (slot: SlotName, outcome: Answer): void => {
    answers.push({ slot, at: currentMoment(), ...outcome });
  };

  const run = (effect: Effect): void => {
    switch (effect.kind) {
      case "startRun":
        return answer(effect.slot, children.startRun(effect.slot));
      case "startFinish":
        return answer("service", children.startFinish(effect.last));
      case "runScript":
        script = children.hasScript(effect.letter) ? startScript(effect.letter) : null;
        if (script === null) answer("service", { kind: "scriptDone", replacesSignal: false });
        return;
      case "signal":
        return children.signal(effect.pid, effect.signal);
      case "killFinish":
        return children.killFinish(effect.process);
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
        publisher.publish(state);
        return ports.onExit();
      default:
        return effect satisfies never;
    }
  };

  /** The script may look at the status, so that must be true before it starts. */
  const startScript = (letter: ScriptLetter): number | null => {
    publisher.publish(state);
    return children.startScript(letter);
  };

  const schedule = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const deadline = Math.min(nextDeadline(state), publisher.retryAt());
    if (deadline === Infinity) return;
    const pause = Math.ceil(deadline - monotonicMillis());
    timer = setTimeout(tick, Math.min(Math.max(pause, 0), longestTimer));
  };

  const tick = (): void => post({ kind: "tick", at: currentMoment() });

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
    tick,
  };
}
