import { chmodSync, copyFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Journal, JournalEvent, Start } from "./journal.ts";
import { signalProcess } from "../process/processes.ts";
import type { Switchboard } from "./switchboard.ts";
import type { NotYet } from "../core/until.ts";

/**
 * What a scripted program does, one verb a line. Signals and session are set before the start is recorded; the rest is
 * carried out in order; then the program waits for commands, which are the same verbs.
 *
 * | verb | |
 * |---|---|
 * | `trap SIGNAL...` | record the signal and go on |
 * | `exit-on SIGNAL [CODE]` | record the signal and exit |
 * | `ignore SIGNAL...`, `default SIGNAL...` | |
 * | `exit [CODE]`, `die SIGNAL` | end; `die SEGV` leaves a core where the limits allow it |
 * | `line TEXT`, `complain TEXT` | one line to standard output or standard error |
 * | `lines PREFIX COUNT [SECONDS]` | PREFIX0001 ... to standard output, with a pause after each |
 * | `alone FILE` | lock FILE for life; records the note `not alone` when another process holds it |
 * | `sleep SECONDS`, `note TEXT`, `close FD` | |
 * | `log FILE` | copy standard input to FILE; at its end record that and carry out `exit 0` |
 * | `on-end VERB` | what to do at the end of the input instead; `on-end` alone: nothing |
 * | `fork VERB; VERB...` | a child with that plan, known as {@link ScriptedProgram.child}; answers its pid |
 * | `session`, `group` | setsid(2), setpgrp(2); meant for the plan of a child |
 */
export type Plan = readonly string[];

/** A plan for a scripted program, or the text of an ordinary script. */
export type ProgramSpec = Plan | { readonly text: string; readonly mode?: number };

/** What scripted programs need of their rig. */
export interface Stage {
  /** The rig's private directory, with the journal and the socket. */
  readonly directory: string;
  readonly journal: Journal;
  readonly switchboard: Switchboard;
  until<T>(description: string, condition: () => T | Promise<T>): Promise<Exclude<T, NotYet>>;
  readonly note: (text: string) => void;
}

/** One script of a service directory, and everything that its processes recorded. */
export class ScriptedProgram {
  readonly role: string;
  readonly path: string;
  readonly #stage: Stage;

  constructor(stage: Stage, role: string, path: string) {
    this.#stage = stage;
    this.role = role;
    this.path = path;
  }

  /** Writes the file, also in the place of an older one; processes already started keep their plan. */
  install(spec: ProgramSpec): this {
    const text = "text" in spec ? spec.text : this.#script(spec);
    const mode = "text" in spec ? (spec.mode ?? 0o755) : 0o755;
    writeFileSync(`${this.path}.new`, text);
    chmodSync(`${this.path}.new`, mode);
    renameSync(`${this.path}.new`, this.path);
    return this;
  }

  /** A child made with `fork`. All children of a program share one role. */
  get child(): ScriptedProgram {
    return new ScriptedProgram(this.#stage, `${this.role}/child`, this.path);
  }

  events(): readonly JournalEvent[] {
    return this.#stage.journal.events(this.role);
  }

  starts(): readonly Start[] {
    return this.events().filter((event) => event.event === "start");
  }

  /** Names of the signals recorded so far. Of two that arrive together, either may be recorded first. */
  signals(): readonly string[] {
    return this.events().flatMap((event) => (event.event === "signal" ? [event.signal] : []));
  }

  /** Waits for start number `count`, counted from 1, and returns its facts. */
  async started(count = 1): Promise<Start> {
    return await this.#stage.until(`start ${count} of ${this.role}`, () => this.starts()[count - 1]);
  }

  /** Waits until the signal has been recorded `count` times. */
  async signalled(signal: string, count = 1): Promise<void> {
    const description = `${this.role} to get ${signal}${count === 1 ? "" : ` ${count} times`}`;
    await this.#stage.until(description, () => this.signals().filter((name) => name === signal).length >= count);
  }

  /** Waits until TERM and CONT, which are the way to stop a service, have been recorded `times` times. */
  async toldToStop(times = 1): Promise<void> {
    await this.signalled("TERM", times);
    await this.signalled("CONT", times);
  }

  /** Carries out one verb in the process started last, or in the one named. */
  async tell(verb: string, pid?: number): Promise<string> {
    const target = pid ?? this.starts().at(-1)?.pid ?? (await this.started()).pid;
    const { switchboard } = this.#stage;
    await this.#stage.until(`process ${target} of ${this.role} to listen`, () => switchboard.isConnected(target));
    return await switchboard.tell(target, verb);
  }

  /** Ends the process started last with an exit code, and waits until it is gone. */
  async exit(code = 0): Promise<void> {
    await this.#end(`exit ${code}`);
  }

  /** Lets the process started last kill itself with a signal, and waits until it is gone. */
  async die(signal: string): Promise<void> {
    await this.#end(`die ${signal}`);
  }

  /** Sends a signal to the process started last; false when it is gone. */
  kill(signal: NodeJS.Signals): boolean {
    const last = this.starts().at(-1);
    if (last === undefined) throw new Error(`${this.role} has not been started`);
    return signalProcess(last.pid, signal);
  }

  async writeLine(text: string): Promise<void> {
    await this.tell(`line ${text}`);
  }

  /** Forks a child that carries out the plan and then waits for commands; returns its pid once it has started. */
  async fork(plan: Plan = []): Promise<number> {
    const pid = Number(await this.tell(`fork ${plan.join(";")}`));
    const { child } = this;
    await this.#stage.until(`child ${pid} of ${this.role}`, () => child.starts().some((start) => start.pid === pid));
    return pid;
  }

  async #end(verb: string): Promise<void> {
    const pid = (this.starts().at(-1) ?? (await this.started())).pid;
    await this.tell(verb, pid);
    await this.#stage.until(`process ${pid} of ${this.role} to end`, () => !this.#stage.switchboard.isConnected(pid));
  }

  #script(plan: Plan): string {
    return [
      "#!/usr/bin/perl",
      `our ($role, $directory, @plan) = (${[this.role, this.#stage.directory, ...plan].map(perlString).join(", ")});`,
      `do ${perlString(join(this.#stage.directory, "program.pl"))} or die "$0: $@$!";`,
      "",
    ].join("\n");
  }
}

/** Puts the program's common part where every user may read it. */
export function installCommonPart(directory: string): void {
  const path = join(directory, "program.pl");
  copyFileSync(join(import.meta.dirname, "program.pl"), path);
  chmodSync(path, 0o644);
}

function perlString(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
