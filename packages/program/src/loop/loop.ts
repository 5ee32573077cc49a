import type { Trace } from "../trace/trace-file.ts";
import { longestTimer } from "@upkeep/linux/time/timer";

/** A pure state machine, and the world around it. Times are ms of a clock that nobody sets. */
export interface LoopParts<State, Event, Effect> {
  step(state: State, event: Event): { readonly state: State; readonly effects: readonly Effect[] };
  /** When the state needs the next tick; Infinity: never. */
  nextDeadline(state: State): number;
  now(): number;
  /** Makes the event that says what time it is. */
  tick(): Event;
  /** Carries out an effect. If that has an outcome, it answers with an event before it returns. */
  run(effect: Effect, answer: (event: Event) => void): void;
  /** Called once for all events that came together, so that a flood of events does not write a flood of files. */
  onSettled?(state: State): void;
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
export function createLoop<State, Event, Effect>(
  initial: State,
  parts: LoopParts<State, Event, Effect>,
): Loop<State, Event> {
  parts.trace?.begin(initial);
  return new RunningLoop(initial, parts);
}

class RunningLoop<State, Event, Effect> implements Loop<State, Event> {
  readonly #parts: LoopParts<State, Event, Effect>;
  #state: State;
  #isRunning = false;
  #isStopped = false;
  /** The events that wait are those from `head` on. */
  #queue: Event[] | null = null;
  #head = 0;
  #answers: Event[] | null = null;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(initial: State, parts: LoopParts<State, Event, Effect>) {
    this.#state = initial;
    this.#parts = parts;
  }

  post(...events: readonly Event[]): void {
    if (this.#isStopped) return;
    if (events.length > 0) (this.#queue ??= []).push(...events);
    // Nothing came: to set the timer anew could put off for ever what is due.
    if (this.#isRunning || this.#head === (this.#queue?.length ?? 0)) return;
    this.#isRunning = true;
    try {
      for (let next = this.#take(); next !== undefined && !this.#isStopped; next = this.#take()) this.#handle(next);
      if (!this.#isStopped) this.#parts.onSettled?.(this.#state);
    } finally {
      this.#isRunning = false;
      this.#schedule();
      this.#parts.onWork?.();
    }
  }

  tick(): void {
    this.post(this.#parts.tick());
  }

  state(): State {
    return this.#state;
  }

  stop(): void {
    this.#isStopped = true;
    this.#schedule();
  }

  #take(): Event | undefined {
    const answered = this.#answers?.shift();
    if (answered !== undefined) return answered;
    this.#answers = null;
    const next = this.#queue?.[this.#head++];
    if (next !== undefined) return next;
    this.#queue = null;
    this.#head = 0;
    return undefined;
  }

  #handle(event: Event): void {
    const { state, effects } = this.#parts.step(this.#state, event);
    this.#state = state;
    this.#parts.trace?.step(event, effects, state);
    const answer = (outcome: Event): void => void (this.#answers ??= []).push(outcome);
    for (const effect of effects) this.#parts.run(effect, answer);
  }

  #schedule(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    if (this.#turn !== undefined) clearImmediate(this.#turn);
    this.#timer = this.#turn = undefined;
    const deadline = this.#isStopped ? Infinity : this.#parts.nextDeadline(this.#state);
    if (deadline === Infinity) return;
    const pause = Math.ceil(deadline - this.#parts.now());
    if (pause <= 0) this.#turn = setImmediate(() => this.#wake());
    else this.#timer = setTimeout(() => this.#wake(), Math.min(pause, longestTimer));
  }

  #wake(): void {
    const { contain, inTurn } = this.#parts;
    const tick = (): void => this.tick();
    const due = contain?.(tick) ?? tick;
    if (inTurn === undefined) due();
    else inTurn(due);
  }
}
