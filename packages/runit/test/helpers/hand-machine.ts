import type { Effect, Event, Script, StageSignal } from "../../src/core/event.ts";
import { nextDeadline, step } from "../../src/core/stages.ts";
import { initialState, type Facts, type State } from "../../src/core/state.ts";

/** An event without its time, which the clock adds. */
type Untimed = Event extends infer E ? (E extends Event ? Omit<E, "at"> : never) : never;

/** A machine without processes, whose clock stands until it is turned. */
export class HandMachine {
  now = 1_000_000;
  state: State;
  isStopAsked = false;
  hasCtrlAltDel = false;
  isRebootAsked = false;
  isSyncWanted = true;
  /** What the next starts come to; they succeed when there is nothing left here. */
  readonly failures: { readonly errno: number; readonly isFork: boolean }[] = [];
  /** The errno of each command that the kernel refuses. */
  readonly refusals = new Map<string, number>();
  #effects: Effect[] = [];
  #nextPid = 100;

  constructor(facts: Partial<Facts> = {}) {
    this.state = initialState({ identity: "test", isContained: true, ...facts });
  }

  /** A machine whose stages before `stage` are over. */
  static in(stage: "1" | "2" | "3", facts: Partial<Facts> = {}): HandMachine {
    const machine = new HandMachine(facts).begin();
    for (let past = 1; past < Number(stage); past++) machine.exit(0);
    machine.done();
    return machine;
  }

  begin(consoleErrno = 0): this {
    return this.post({ kind: "begin", consoleErrno });
  }

  signal(signal: StageSignal): this {
    return this.post({ kind: "signal", signal });
  }

  /** The stage that runs, or `pid`, exits with a code. */
  exit(code: number, pid: number = this.pid()): this {
    return this.post({ kind: "exited", pid, exit: { kind: "exited", code } });
  }

  /** The stage that runs, or `pid`, is killed. */
  crash(pid: number = this.pid()): this {
    return this.post({ kind: "exited", pid, exit: { kind: "killed", signal: 9, core: false } });
  }

  /** Pid of the stage that runs. */
  pid(): number {
    const { phase } = this.state;
    return phase.kind === "running" || phase.kind === "stopping" ? phase.pid : 0;
  }

  /** Turns the clock, stopping at every deadline on the way. */
  turn(millis: number): this {
    const target = this.now + millis;
    for (let next = nextDeadline(this.state); next <= target; next = nextDeadline(this.state)) {
      this.now = next;
      this.post({ kind: "tick" });
    }
    this.now = target;
    return this;
  }

  post(event: Untimed): this {
    const result = step(this.state, { ...event, at: this.now });
    this.state = result.state;
    this.#effects.push(...result.effects);
    for (const effect of result.effects) this.#answer(effect);
    return this;
  }

  /** What has been done since this was last asked, as short words. */
  done(): readonly string[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects.filter(({ kind }) => !/^(?:read|find)/.test(kind)).map(describe);
  }

  #answer(effect: Effect): void {
    switch (effect.kind) {
      case "start":
        return this.#start(effect.script);
      case "readStopRequest": {
        const isAsked = this.isStopAsked;
        this.isStopAsked = false;
        this.post({ kind: "stopRequestRead", isAsked });
        return;
      }
      case "findCtrlAltDel":
        this.post({ kind: "ctrlAltDelFound", isThere: this.hasCtrlAltDel });
        return;
      case "readShutdown":
        this.post({ kind: "shutdownRead", isReboot: this.isRebootAsked, isSynced: this.isSyncWanted });
        return;
      case "command": {
        const errno = this.refusals.get(effect.command);
        if (errno !== undefined) this.post({ kind: "refused", command: effect.command, errno });
        return;
      }
      default:
    }
  }

  #start(script: Script): void {
    const failure = this.failures.shift();
    if (failure === undefined) this.post({ kind: "started", script, pid: this.#nextPid++ });
    else this.post({ kind: "startFailed", script, ...failure });
  }
}

function describe(effect: Effect): string {
  switch (effect.kind) {
    case "say":
      return effect.text.replaceAll("/etc/runit/", "");
    case "start":
      return `start ${effect.script}${effect.newSession ? " in a session" : ""}`;
    case "signal":
      return `${effect.signal} ${effect.pid}`;
    case "command":
      return `command ${effect.command}`;
    case "end":
      return `end ${effect.code}`;
    default:
      return effect.kind;
  }
}
