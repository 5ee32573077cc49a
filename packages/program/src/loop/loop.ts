import type { Trace } from "../trace/trace-file.ts";
import { longestTimer } from "@upkeep/linux/time/timer";

/** A pure state machine, and the world around it. Times are ms of a clock that nobody sets. */
export interface LoopParts<State, Event, Effect> {
  readonly initial: State;
  readonly step: (state: State, event: Event) => { readonly state: State; readonly effects: readonly Effect[] };
  /** When the state needs the next tick; Infinity: never. */
  readonly nextDeadline: (state: State) => number;
  readonly now: () => number;
  /** Makes the event that says what time it is. */
  readonly tick: () => Event;
  /** Carries out an effect. If that has an outcome, it answers with an event before it returns. */
  readonly run: (effect: Effect, answer: (event: Event) => void) => void;
  /** Called once for all events that came together, so that a flood of events does not write a flood of files. */
  readonly onSettled?: (state: State) => void;
  /** Something was done. */
  readonly onWork?: (() => void) | undefined;
  /** Wraps what timers call; absent: nothing does. */
  readonly contain?: ((action: () => void) => () => void) | undefined;
  /** Runs what timers call, now or later; absent: now. Where many loops have one thread, others get their turns meanwhile. */
  readonly inTurn?: ((action: () => void) => void) | undefined;
  /** Writes all of it down; null or absent: nobody does. */
  readonly trace?: Trace | null;
}

/** A running state machine. */
export interface Loop<State, Event> {
  post(...events: readonly Event[]): void;
  /** Does what is due. */
  tick(): void;
  state(): State;
  /** Takes no more events, and does nothing by itself any more. */
  stop(): void;
}

/**
 * Runs a state machine: gives `step` one event at a time, carries out its effects in order, and wakes for its next
 * deadline. Answers come before all other events that wait.
 */
export function createLoop<State, Event, Effect>(parts: LoopParts<State, Event, Effect>): Loop<State, Event> {
  const { trace } = parts;
  let state = parts.initial;
  let isRunning = false;
  let isStopped = false;
  let queue: Event[] = [];
  let head = 0;
  const answers: Event[] = [];
  let timer: NodeJS.Timeout | undefined;
  let turn: NodeJS.Immediate | undefined;

  const answer = (event: Event): void => void answers.push(event);

  const take = (): Event | undefined => {
    const answered = answers.shift();
    if (answered !== undefined) return answered;
    if (head < queue.length) return queue[head++];
    queue = [];
    head = 0;
    return undefined;
  };

  const handle = (event: Event): void => {
    const result = parts.step(state, event);
    state = result.state;
    trace?.step(event, result.effects, state);
    for (const effect of result.effects) parts.run(effect, answer);
  };

  const post = (...events: readonly Event[]): void => {
    if (isStopped) return;
    for (const event of events) queue.push(event);
    // Nothing came: to set the timer anew could put off for ever what is due.
    if (isRunning || head === queue.length) return;
    isRunning = true;
    try {
      for (let next = take(); next !== undefined && !isStopped; next = take()) handle(next);
      if (!isStopped) parts.onSettled?.(state);
    } finally {
      isRunning = false;
      schedule();
      parts.onWork?.();
    }
  };

  const tick = (): void => post(parts.tick());
  const due = parts.contain?.(tick) ?? tick;
  const wake = (): void => (parts.inTurn === undefined ? due() : parts.inTurn(due));

  const schedule = (): void => {
    if (timer !== undefined) clearTimeout(timer);
    if (turn !== undefined) clearImmediate(turn);
    timer = turn = undefined;
    const deadline = isStopped ? Infinity : parts.nextDeadline(state);
    if (deadline === Infinity) return;
    const pause = Math.ceil(deadline - parts.now());
    if (pause <= 0) turn = setImmediate(wake);
    else timer = setTimeout(wake, Math.min(pause, longestTimer));
  };

  trace?.begin(state);
  const stop = (): void => {
    isStopped = true;
    schedule();
  };
  return { post, tick, state: () => state, stop };
}
