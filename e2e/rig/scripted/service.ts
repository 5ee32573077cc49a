import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ProgramSpec, ScriptedProgram, type Stage } from "./program.ts";
import { contentOf } from "../core/files.ts";
import { SuperviseDirectory } from "../runit/supervise.ts";

/** What to put into a service directory. */
export interface ServiceSpec {
  /** Default: a scripted program that waits for commands; "absent" for none. */
  readonly run?: ProgramSpec | "absent";
  readonly finish?: ProgramSpec;
  readonly check?: ProgramSpec;
  /** Control scripts by their letter. */
  readonly control?: Readonly<Record<string, ProgramSpec>>;
  /** Default: no log service. Its run, unless given, copies its input to a file; see {@link ScriptedService.logged}. */
  readonly log?: LogSpec;
  /** True makes an empty `down` file. */
  readonly down?: boolean;
  /** Further files and their content, by their path in the service directory. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface LogSpec {
  readonly run?: ProgramSpec | "absent";
  readonly finish?: ProgramSpec;
  readonly down?: boolean;
}

/** A service directory whose scripts do what the test tells them. */
export class ScriptedService {
  readonly name: string;
  readonly path: string;
  readonly run: ScriptedProgram;
  readonly finish: ScriptedProgram;
  readonly check: ScriptedProgram;
  /** `log/`, there or not. */
  readonly log: {
    readonly path: string;
    readonly run: ScriptedProgram;
    readonly finish: ScriptedProgram;
    readonly supervise: SuperviseDirectory;
  };
  readonly supervise: SuperviseDirectory;
  readonly #stage: Stage;
  readonly #logFile: string;

  constructor(stage: Stage, parent: string, name: string, spec: ServiceSpec) {
    this.#stage = stage;
    this.name = name;
    this.path = join(parent, name);
    this.#logFile = join(stage.directory, `log-${name}`);
    this.supervise = new SuperviseDirectory(this.file("supervise"), stage.note);
    this.run = this.#program("run");
    this.finish = this.#program("finish");
    this.check = this.#program("check");
    this.log = {
      path: this.file("log"),
      run: this.#program("log/run"),
      finish: this.#program("log/finish"),
      supervise: new SuperviseDirectory(this.file("log/supervise"), stage.note),
    };
    this.#make(spec);
  }

  /** Path of a file in the service directory. */
  file(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  /** The control script for one letter, there or not. */
  control(letter: string): ScriptedProgram {
    return this.#program(`control/${letter}`);
  }

  /** What the scripted log service has copied so far. */
  logged(): string {
    return contentOf(this.#logFile);
  }

  /** Waits until `supervise/stat` has exactly this text and `supervise/status` agrees. */
  async stat(text: string): Promise<void> {
    await this.#stage.until(`stat of ${this.name} to be "${text}"`, () => this.supervise.says(text));
  }

  /** Waits for `log/supervise/` likewise. */
  async logStat(text: string): Promise<void> {
    await this.#stage.until(`stat of ${this.name}/log to be "${text}"`, () => this.log.supervise.says(text));
  }

  /**
   * Makes runsv go round its loop twice, so that whatever it does by itself has happened when this returns. The service
   * needs a log service with the plan `trap HUP`.
   */
  async turn(): Promise<void> {
    await this.log.run.started();
    for (let count = 0; count < 2; count += 1) {
      const seen = this.log.run.signals().filter((signal) => signal === "HUP").length;
      this.log.supervise.control("h");
      await this.log.run.signalled("HUP", seen + 1);
    }
  }

  #program(name: string): ScriptedProgram {
    return new ScriptedProgram(this.#stage, `${this.name}/${name}`, this.file(name));
  }

  #make(spec: ServiceSpec): void {
    mkdirSync(this.path, { recursive: true });
    if (spec.run !== "absent") this.run.install(spec.run ?? []);
    if (spec.finish !== undefined) this.finish.install(spec.finish);
    if (spec.check !== undefined) this.check.install(spec.check);
    if (spec.down === true) writeFileSync(this.file("down"), "");
    for (const [letter, program] of Object.entries(spec.control ?? {})) {
      mkdirSync(this.file("control"), { recursive: true });
      this.control(letter).install(program);
    }
    if (spec.log !== undefined) this.#makeLog(spec.log);
    for (const [path, content] of Object.entries(spec.files ?? {})) {
      mkdirSync(join(this.file(path), ".."), { recursive: true });
      writeFileSync(this.file(path), content);
    }
  }

  #makeLog(spec: LogSpec): void {
    mkdirSync(this.log.path, { recursive: true });
    if (spec.run !== "absent") this.log.run.install(spec.run ?? [`log ${this.#logFile}`, "exit-on TERM"]);
    if (spec.finish !== undefined) this.log.finish.install(spec.finish);
    if (spec.down === true) writeFileSync(join(this.log.path, "down"), "");
  }
}
