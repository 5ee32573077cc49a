import { defaultPolicy, defaultSettings, type RunSettings } from "@upkeep/service-directory/core/run-settings";
import type { Command } from "@upkeep/supervise/core/command";
import type { SignalName } from "@upkeep/linux/core/signals";
import type { Exit } from "@upkeep/linux/process/wait";

import type { Effect } from "../../src/core/effect.ts";
import type { Answer, Event } from "../../src/core/event.ts";
import type { Moment } from "../../src/core/moment.ts";
import type { ScriptLetter, SlotName } from "../../src/core/slot.ts";
import { initialState, nextDeadline, step, type State } from "../../src/core/supervisor.ts";

/** A process of the imagined outside. */
export interface FakeProcess {
  readonly pid: number;
  readonly slot: SlotName;
  readonly role: "run" | "finish" | "script" | "check";
  /** Signals it got, in order. */
  readonly signals: (SignalName | number)[];
}

/** What the imagined service directory says; a test changes it as it goes. */
export interface Options {
  log: "up" | "down" | null;
  down: boolean;
  hasFinish: boolean;
  scripts: ReadonlySet<ScriptLetter>;
  settings: Partial<RunSettings>;
  /** What the next starts of `./run` and `./finish` do. */
  starts: "works" | "no fork" | "no exec";
  /** What a `./run` leaves running that exits 0 at once. */
  leftBehind: { readonly pid: number; readonly name: string } | null;
  /** Whether the logger has left lines in its pipe. */
  linesInPipe: boolean;
  /** How many looks at leftovers still find some; Infinity for those that never die. */
  leftovers: number;
  /** Dependencies that are not satisfied, and what is wrong with them. */
  missing: readonly string[];
  problem: string | null;
  note: string | null;
  /** What starts of `./check` do. */
  checks: "work" | "no fork" | "no exec";
}

const defaults: Options = {
  log: null,
  down: false,
  hasFinish: false,
  scripts: new Set(),
  settings: {},
  starts: "works",
  leftBehind: null,
  linesInPipe: false,
  leftovers: 0,
  missing: [],
  problem: null,
  note: null,
  checks: "work",
};

/** Names of those that a down-signal may be. */
const signalNames: Readonly<Record<number, string>> = { 1: "HUP", 2: "INT", 3: "QUIT", 15: "TERM" };

function nameOf(signal: SignalName | number): string {
  return typeof signal === "number" ? (signalNames[signal] ?? String(signal)) : signal.slice(3);
}

/** An outside for the supervisor, with a clock that is turned by hand and processes that end when told. */
export class World {
  readonly options: Options;
  readonly alive = new Map<number, FakeProcess>();
  /** All that was done, oldest first: `run`, `finish 1 0`, `TERM run`, `script t` ... */
  readonly done: string[] = [];
  readonly effects: Effect[] = [];
  /** What the parent was told. */
  /** The ends of `./run` that went on record. */
  readonly ends: { readonly slot: SlotName; readonly ready: boolean; readonly keepsWords: boolean }[] = [];
  readonly reports: Omit<Effect & { readonly kind: "report" }, "kind">[] = [];
  state: State;
  now = 100_000;
  /** How long the machine has been suspended in all. */
  suspended = 0;
  /** How far the wall clock has been stepped, in ms. */
  stepped = 0;
  exits = 0;
  #nextPid = 1000;
  readonly #queue: Event[] = [];

  constructor(options: Partial<Options> = {}) {
    this.options = { ...defaults, ...options };
    const wants = { service: this.options.down ? "down" : "up", log: this.options.log } as const;
    this.state = initialState(wants, this.at(), this.settings());
    this.tick();
  }

  settings(): RunSettings {
    return { ...defaultSettings, ...this.options.settings };
  }

  at(): Moment {
    const millis = this.now + this.stepped;
    const seconds = 1_700_000_000 + Math.floor(millis / 1000);
    const wall = { seconds, nanoseconds: (millis - Math.floor(millis / 1000) * 1000) * 1e6 };
    return { wall, monotonic: this.now, boot: this.now + this.suspended };
  }

  /** The live process of a role, which must be there. */
  process(role: FakeProcess["role"] = "run", slot: SlotName = "service"): FakeProcess {
    const found = [...this.alive.values()].filter((process) => process.role === role && process.slot === slot);
    const [only] = found;
    if (only === undefined || found.length > 1) throw new Error(`${found.length} live ${slot} ${role}`);
    return only;
  }

  has(role: FakeProcess["role"], slot: SlotName = "service"): boolean {
    return [...this.alive.values()].some((process) => process.role === role && process.slot === slot);
  }

  command(...commands: readonly Command[]): void {
    for (const command of commands) this.post({ kind: "command", slot: "service", command, at: this.at() });
  }

  commandLog(command: Command): void {
    this.post({ kind: "command", slot: "log", command, at: this.at() });
  }

  end(process: FakeProcess, exit: Exit = { kind: "exited", code: 0 }): void {
    this.alive.delete(process.pid);
    if (process.role === "script") {
      const replacesSignal = exit.kind === "exited" && exit.code === 0;
      this.post({ kind: "scriptDone", slot: "service", replacesSignal, at: this.at() });
      return;
    }
    this.post({ kind: "exited", slot: process.slot, pid: process.pid, exit, at: this.at() });
  }

  /** The process of `./run`, or another one, writes a newline to its notification descriptor. */
  notify(pid = this.process().pid): void {
    this.post({ kind: "notified", slot: "service", pid, at: this.at() });
  }

  /** The dependencies are now like this, and say so. */
  depend(missing: readonly string[], problem: string | null = null): void {
    this.options.missing = missing;
    this.options.problem = problem;
    this.post({ kind: "dependencyChanged", slot: "service", at: this.at() });
  }

  tick(): void {
    this.post({ kind: "tick", at: this.at() });
  }

  /** Lets time pass, stopping at each deadline on the way. */
  pass(millis: number): void {
    const end = this.now + millis;
    for (let due = nextDeadline(this.state); due <= end; due = nextDeadline(this.state)) {
      this.now = Math.max(this.now, due);
      this.tick();
      if (nextDeadline(this.state) <= this.now) throw new Error("a deadline that is over does not go away");
    }
    this.now = end;
  }

  post(event: Event): void {
    this.#queue.push(event);
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const result = step(this.state, next);
      this.state = result.state;
      for (const effect of result.effects) {
        this.effects.push(effect);
        this.#perform(effect);
      }
    }
  }

  #answer(slot: SlotName, answer: Answer): void {
    this.#queue.unshift({ slot, at: this.at(), ...answer });
  }

  #settingsOf(slot: SlotName): RunSettings {
    return slot === "log" ? { ...this.settings(), policy: defaultPolicy, readiness: null } : this.settings();
  }

  #ticks(): number {
    return Math.floor(this.at().boot / 10);
  }

  #spawn(slot: SlotName, role: FakeProcess["role"]): FakeProcess {
    const process: FakeProcess = { pid: this.#nextPid++, slot, role, signals: [] };
    this.alive.set(process.pid, process);
    return process;
  }

  #perform(effect: Effect): void {
    const { options } = this;
    const prefix = "slot" in effect && effect.slot === "log" ? "log " : "";
    switch (effect.kind) {
      case "startRun": {
        this.done.push(`${prefix}run`);
        if (options.starts !== "works") {
          const retry = options.starts === "no fork";
          this.#answer(effect.slot, { kind: "runFailed", retry, settings: this.#settingsOf(effect.slot) });
          return;
        }
        const { pid } = this.#spawn(effect.slot, "run");
        const process = { pid, group: pid, startTicks: this.#ticks() };
        this.#answer(effect.slot, {
          kind: "runStarted",
          process,
          placement: effect.placement,
          settings: this.#settingsOf(effect.slot),
        });
        return;
      }
      case "startFinish": {
        if (!options.hasFinish) return this.#answer("service", { kind: "finishSkipped", retry: false });
        this.done.push("finish");
        const { pid } = this.#spawn("service", "finish");
        this.#answer("service", { kind: "finishStarted", process: { pid, group: pid, startTicks: this.#ticks() } });
        return;
      }
      case "runScript":
        if (!options.scripts.has(effect.letter)) {
          return this.#answer("service", { kind: "scriptDone", replacesSignal: false });
        }
        this.done.push(`script ${effect.letter}`);
        this.#spawn("service", "script");
        return;
      case "signal": {
        const process = this.alive.get(effect.pid);
        const who = process === undefined ? "nobody" : `${process.slot === "log" ? "log " : ""}${process.role}`;
        this.done.push(`${nameOf(effect.signal)} ${who}`);
        process?.signals.push(effect.signal);
        return;
      }
      case "killFinish":
        this.done.push("KILL finish");
        this.alive.get(effect.process.pid)?.signals.push("SIGKILL");
        return;
      case "checkDependencies":
        this.#answer("service", {
          kind: "dependenciesChecked",
          names: options.missing,
          problem: options.missing.length === 0 ? null : options.problem,
          note: options.missing.length === 0 ? null : options.note,
        });
        return;
      case "forgetDependencies":
        this.done.push("forget");
        return;
      case "startCheck": {
        if (options.checks !== "work") {
          return this.#answer("service", { kind: "checkFailed", retry: options.checks === "no fork" });
        }
        this.done.push("check");
        const { pid } = this.#spawn("service", "check");
        return this.#answer("service", {
          kind: "checkStarted",
          process: { pid, group: pid, startTicks: this.#ticks() },
        });
      }
      case "killCheck":
        this.done.push("KILL check");
        this.alive.get(effect.process.pid)?.signals.push("SIGKILL");
        return;
      case "report":
        this.reports.push({ event: effect.event, exit: effect.exit, isCritical: effect.isCritical });
        return;
      case "recordEnd":
        this.ends.push({ slot: effect.slot, ready: effect.end.ready, keepsWords: effect.keepsWords });
        return;
      case "lookBehind":
        this.#answer("service", { kind: "leftBehindFound", found: options.leftBehind, leadsSession: false });
        return;
      case "checkLeftovers":
        this.#answer(effect.slot, { kind: "leftoversChecked", isAny: options.leftovers > 0 });
        options.leftovers--;
        return;
      case "signalLeftovers":
        this.done.push(`${effect.signal.slice(3)} group`);
        return;
      case "warn":
        this.done.push(`warning: ${effect.message}`);
        return;
      case "checkLogPipe":
        this.#answer("log", { kind: "logPipeChecked", hasLines: options.linesInPipe });
        return;
      case "closeLogPipe":
        this.done.push("end of log");
        return;
      case "exit":
        this.done.push("exit");
        this.exits++;
        return;
      default:
        effect satisfies never;
    }
  }
}
