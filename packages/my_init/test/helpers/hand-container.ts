import type { Effect, Event, ScriptSet, Child } from "../../src/core/event.ts";
import { nextDeadline, step } from "../../src/core/step.ts";
import { type Facts, initialState, type State } from "../../src/core/state.ts";

/** An event without its time, which the clock adds. */
type Untimed = Event extends infer E ? (E extends Event ? Omit<E, "at"> : never) : never;

const defaults: Facts = {
  budget: { process: null, all: null },
  enableInsecureKey: false,
  skipStartupFiles: false,
  skipRunit: false,
  killAllOnExit: true,
  mainCommand: null,
};

/** A container without processes, whose clock stands until it is turned. */
export class HandContainer {
  now = 1_000_000;
  state: State;
  /** The executable files of each set. */
  readonly scripts: Partial<Record<ScriptSet, readonly string[]>> = {};
  /** What the next starts come to; they succeed when there is nothing left here. */
  readonly failures: { readonly errno: number; readonly isFork: boolean }[] = [];
  /** Who is alive besides what my_init has started itself. */
  orphans: readonly string[] = [];
  readonly #alive = new Map<string, number>();
  #done: string[] = [];
  #nextPid = 100;

  constructor(facts: Partial<Facts> = {}, scripts: Partial<Record<ScriptSet, readonly string[]>> = {}) {
    this.state = initialState({ ...defaults, ...facts });
    this.scripts = scripts;
  }

  /** A container whose startup is over. */
  static up(facts: Partial<Facts> = {}, scripts: Partial<Record<ScriptSet, readonly string[]>> = {}): HandContainer {
    const container = new HandContainer(facts, scripts).begin();
    container.done();
    return container;
  }

  begin(): this {
    return this.post({ kind: "begin" });
  }

  signal(signal: (Event & { kind: "signal" })["signal"]): this {
    return this.post({ kind: "signal", signal });
  }

  /** What was started by this name exits with a code: `main`, `services`, or a script's path. */
  exit(name: string, code = 0): this {
    return this.#gone(name, { kind: "exited", code });
  }

  killed(name: string, signal = 9): this {
    return this.#gone(name, { kind: "killed", signal, core: false });
  }

  /** Children that nobody knows end. */
  orphansEnd(...pids: readonly number[]): this {
    this.orphans = [];
    return this.post({ kind: "exited", children: pids.map((pid) => ({ pid, exit: { kind: "exited", code: 3 } })) });
  }

  isAlive(name: string): boolean {
    return this.#alive.has(name);
  }

  names(): readonly string[] {
    return [...this.#alive.keys()];
  }

  /** Turns the clock, stopping at every deadline on the way. */
  turn(millis: number): this {
    const target = this.now + millis;
    for (let next = nextDeadline(this.state); next <= target; next = nextDeadline(this.state)) {
      this.now = Math.max(this.now, next);
      this.post({ kind: "tick" });
    }
    this.now = target;
    return this;
  }

  post(event: Untimed): this {
    const result = step(this.state, { ...event, at: this.now });
    this.state = result.state;
    // Now, while it is known who lives.
    this.#done.push(...result.effects.map((effect) => this.#describe(effect)));
    for (const effect of result.effects) this.#answer(effect);
    return this;
  }

  /** What has been done since this was last asked, as short words; without what is only said as information. */
  done(): readonly string[] {
    const done = this.#done;
    this.#done = [];
    return done.filter((words) => words !== "");
  }

  #gone(name: string, exit: (Event & { kind: "exited" })["children"][number]["exit"]): this {
    const pid = this.#alive.get(name);
    if (pid === undefined) throw new Error(`${name} does not run`);
    this.#alive.delete(name);
    return this.post({ kind: "exited", children: [{ pid, exit }] });
  }

  #answer(effect: Effect): void {
    switch (effect.kind) {
      case "list":
        this.post({ kind: "listed", set: effect.set, paths: this.scripts[effect.set] ?? [] });
        return;
      case "start":
        return this.#start(effect.child);
      case "listAlive":
        this.post({ kind: "alive", names: [...this.orphans, ...this.#alive.keys()], isReport: effect.isReport });
        return;
      default:
    }
  }

  #start(child: Child): void {
    const failure = this.failures.shift();
    if (failure !== undefined) {
      this.post({ kind: "startFailed", child, ...failure });
      return;
    }
    const pid = this.#nextPid++;
    this.#alive.set(nameOf(child), pid);
    this.post({ kind: "started", child, pid });
  }

  #describe(effect: Effect): string {
    switch (effect.kind) {
      case "say":
        return effect.level === "info" ? "" : effect.text;
      case "start":
        return `start ${nameOf(effect.child)}`;
      case "signal": {
        const name = [...this.#alive].find(([, pid]) => pid === effect.pid)?.[0];
        return `${effect.signal} ${name ?? effect.pid}`;
      }
      case "signalAll":
        return `${effect.signal} to all`;
      case "end":
        return `end ${effect.code}`;
      case "reloadEnvironment":
        return "reload";
      default:
        return "";
    }
  }
}

function nameOf(child: Child): string {
  return child.kind === "script" ? child.path : child.kind;
}
