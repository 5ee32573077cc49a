import type { Effect, EndSignal, Event } from "../../src/core/event.ts";
import type { Listed } from "../../src/core/scan.ts";
import { valuesOf } from "../../src/core/shared-map.ts";
import { initialState, type Policy, type State } from "../../src/core/state.ts";
import { nextDeadline, step } from "../../src/core/step.ts";

/** An event without its time, which the clock adds. */
export type Untimed = Event extends infer E ? (E extends Event ? Omit<E, "at"> : never) : never;

/** A supervisor in a world without processes, whose clock stands until it is turned. */
export class HandClock {
  now = 1_000_000;
  state: State;
  /** The effects since they were last taken. */
  #effects: Effect[] = [];
  #nextPid = 100;
  /** What the next starts come to: an errno, or "changed"; started when there is nothing left here. */
  readonly failures: ({ readonly errno: number; readonly isFork: boolean } | "changed")[] = [];

  /** Whether the next runsv that are started can move over to another directory. */
  follows = false;

  /** The runsv that live on without a runsvdir: the pid by the identity of the service. */
  readonly orphans = new Map<string, number>();

  constructor(policy: Partial<Policy> = {}) {
    this.state = initialState({ isOrderly: false, stopTimeout: 7000, ...policy });
  }

  /** Posts an event, answers its starts, and lets pass what is due at once. */
  post(event: Untimed): this {
    this.#step(event);
    while (nextDeadline(this.state) <= this.now) this.#step({ kind: "tick" });
    return this;
  }

  listed(...names: readonly (string | Listed)[]): this {
    const listing = names.map((name): Listed =>
      typeof name === "string" ? { kind: "directory", name, identity: `id:${name}`, place: `/${name}` } : name,
    );
    return this.post({ kind: "listed", listing });
  }

  exited(pid: number): this {
    return this.post({ kind: "exited", pid, end: "success" });
  }

  crashed(pid: number): this {
    return this.post({ kind: "exited", pid, end: "failure" });
  }

  killed(pid: number): this {
    return this.post({ kind: "exited", pid, end: "killed" });
  }

  signal(signal: EndSignal, isTyped = false, needs: Readonly<Record<string, readonly string[]>> = {}): this {
    return this.post({ kind: "signal", signal, isTyped, needs: new Map(Object.entries(needs)) });
  }

  /** The parent says that the time for a stop is over. */
  timeOver(): this {
    return this.post({ kind: "timeOver", needs: new Map() });
  }

  /** A critical service is gone for good. */
  critical(name: string, code: number, needs: Readonly<Record<string, readonly string[]>> = {}): this {
    return this.post({ kind: "critical", name, code, needs: new Map(Object.entries(needs)) });
  }

  /** Turns the clock, stopping at every deadline on the way. */
  turn(millis: number): this {
    const target = this.now + millis;
    for (let next = nextDeadline(this.state); next <= target; next = nextDeadline(this.state)) {
      this.now = next;
      this.#step({ kind: "tick" });
    }
    this.now = target;
    return this;
  }

  /** What has been done since this was last asked, as short words. */
  done(): readonly string[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects.map(describe);
  }

  pidOf(name: string): number {
    for (const { name: found, runsv } of valuesOf(this.state.services)) {
      if (found === name && (runsv.kind === "running" || runsv.kind === "leaving")) return runsv.pid;
    }
    throw new Error(`${name} does not run`);
  }

  #step(event: Untimed): void {
    const result = step(this.state, { ...event, at: this.now });
    this.state = result.state;
    for (const effect of result.effects) {
      this.#effects.push(effect);
      if (effect.kind === "start") this.#answer(effect.identity);
    }
  }

  #answer(identity: string): void {
    const orphan = this.orphans.get(identity);
    this.orphans.delete(identity);
    const failure = orphan === undefined ? this.failures.shift() : undefined;
    if (orphan !== undefined) this.#step({ kind: "adopted", identity, pid: orphan });
    else if (failure === undefined)
      this.#step({ kind: "started", identity, pid: this.#nextPid++, follows: this.follows });
    else if (failure === "changed") this.#step({ kind: "entryChanged", identity });
    else this.#step({ kind: "startFailed", identity, ...failure });
  }
}

function describe(effect: Effect): string {
  switch (effect.kind) {
    case "start":
      return `${effect.isLast ? "last start" : "start"} ${effect.name}`;
    case "signal":
      return `${effect.signal} ${effect.pid}`;
    case "move":
      return `move ${effect.pid}`;
    case "remind":
      return `remind ${effect.pid}`;
    case "killService":
      return `force ${effect.name}`;
    case "warn":
      return `${effect.severity}: ${effect.message}`;
    case "end":
      return `end ${effect.code}`;
    case "die":
      return `die ${effect.signal}`;
    case "reportCritical":
      return `tell ${effect.name} ${effect.code}`;
    case "rescan":
      return "rescan";
    default:
      return effect satisfies never;
  }
}
