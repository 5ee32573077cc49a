/*
 * The rig: everything that a black-box test needs, in one directory. It leaves nothing behind.
 *
 *   rigTest("restarts a service that crashes", allSuites, async (rig) => {
 *     const web = rig.service("web", { finish: ["exit 0"] });   // a scripted service: see scripted/program.ts
 *     await rig.runsv(web);                                     // runsv of the suite under test, supervising
 *     await web.run.started();
 *     await web.run.die("KILL");
 *     await web.run.started(2);
 *     expect(web.finish.starts()[0]?.argv.slice(1)).toEqual(["-1", "9"]);
 *     const answer = await rig.run("sv", ["status", "web"]);    // SVDIR is the rig's directory of services
 *     await rig.until("the status to be run", () => web.supervise.status().state === "run");
 *   });
 *
 * `rigTest` (conformance.ts) makes one concurrent test per suite. Without it: `await using rig = await newRig(suite)`.
 * Wait for conditions, never for time. To show that something does not happen, send something behind it and wait for that.
 */
import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { Journal } from "../scripted/journal.ts";
import { bootMillis, marker } from "../process/processes.ts";
import { contentOf } from "./files.ts";
import { makeRigDirectory, removeRigDirectory } from "./rig-directory.ts";
import { type Result, RunningCommand, type StartOptions } from "../process/running-command.ts";
import type { Stage } from "../scripted/program.ts";
import { ScriptedService, type ServiceSpec } from "../scripted/service.ts";
import { inline, type Suite } from "./suites.ts";
import { Switchboard } from "../scripted/switchboard.ts";
import { Transcript, treeListing } from "./transcript.ts";
import { type NotYet, poll, waitLimit } from "./until.ts";

/** Makes a rig for the commands of one suite. */
export async function newRig(suite: Suite): Promise<TestRig> {
  if (!suite.available) throw new Error(suite.reason);
  const root = await makeRigDirectory();
  return new TestRig(suite, root, await Switchboard.listen(join(root, ".rig/socket")));
}

const engineWatcher = join(import.meta.dirname, "../runit/engine-watcher.pl");

/** See the head of this file. */
export class TestRig {
  readonly suite: Suite;
  /** The rig's own directory, on a file system in memory where there is one. */
  readonly root: string;
  /** Where service directories are made: working directory of what is started, scan directory, `SVDIR`. */
  readonly services: string;
  readonly journal: Journal;
  readonly #id: string;
  readonly #transcript = new Transcript();
  readonly #commands: RunningCommand[] = [];
  readonly #stage: Stage;

  constructor(suite: Suite, root: string, switchboard: Switchboard) {
    this.suite = suite;
    this.root = root;
    this.services = join(root, "service");
    this.#id = basename(root);
    const directory = join(root, ".rig");
    this.journal = new Journal(join(directory, "journal"));
    this.#stage = {
      directory,
      journal: this.journal,
      switchboard,
      until: async (description, condition) => await this.until(description, condition),
      note: (text) => {
        this.note(text);
      },
    };
  }

  /** The environment that everything starts with. */
  get environment(): Readonly<Record<string, string>> {
    const own = { PATH: this.suite.path, HOME: this.root, LC_ALL: "C", SVDIR: this.services, [marker]: this.#id };
    return { ...own, ...this.suite.environment };
  }

  /** A path in the rig's directory. */
  path(...names: readonly string[]): string {
    return join(this.root, ...names);
  }

  /** Content of a file; empty when it is not there. */
  read(path: string): string {
    return contentOf(path);
  }

  exists(path: string): boolean {
    return existsSync(path);
  }

  /** Makes a service directory, in `parent` or in the rig's directory of services. */
  service(name: string, spec: ServiceSpec = {}, parent: string = this.services): ScriptedService {
    this.note(`service ${name}`);
    return new ScriptedService(this.#stage, parent, name, spec);
  }

  /** Starts a command found through the suite's PATH; its argv[0] is the name as given. */
  start(command: string, operands: readonly string[] = [], options: StartOptions = {}): RunningCommand {
    const env: Record<string, string> = {};
    for (const [name, value] of Object.entries({ ...this.environment, ...options.env })) {
      if (value !== undefined) env[name] = value;
    }
    const words = [...(options.under ?? []), command, ...operands];
    const started = RunningCommand.start(words, join(this.root, ".rig", `command-${this.#commands.length}`), {
      cwd: options.cwd ?? this.services,
      env,
      detached: options.detached ?? true,
      ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
    });
    this.#commands.push(started);
    this.note(`start ${started.pid}: ${words.join(" ")}`);
    void started.ended.then((ending) => {
      this.note(`ended ${started.pid}: ${ending.signal ?? ending.code ?? "?"}`);
    });
    return started;
  }

  /** Runs a command to its end, which must come within the wait limit. */
  async run(command: string, operands: readonly string[] = [], options: StartOptions = {}): Promise<Result> {
    const started = this.start(command, operands, options);
    return await this.result(started);
  }

  /** Waits for the end of a started command. */
  async result(command: RunningCommand, limit: number = waitLimit): Promise<Result> {
    const ending = await this.until(`the end of ${command.words.join(" ")}`, () => command.ending, limit);
    return { ...ending, stdout: command.stdout(), stderr: command.stderr() };
  }

  /** Starts runsv on a service, named as its entry in the directory of services, and waits until it supervises. */
  async runsv(service: ScriptedService, options: StartOptions = {}): Promise<RunningCommand> {
    const command = this.#supervise(service, options);
    await this.until(`runsv ${service.name} to supervise`, () => {
      if (command.ending !== undefined) throw new Error(`runsv ${service.name} has ended: ${command.stderr()}`);
      return service.supervise.isSupervised();
    });
    const seen = this.#seenEngine(command);
    if (this.suite === inline) await this.until("its watcher", () => command.ending !== undefined || existsSync(seen));
    return command;
  }

  /**
   * Where engines live in runsvdir, each gets one on a scan directory of its own. It takes TERM as runsv does, and ends as
   * that does when its engine has ended.
   */
  #supervise(service: ScriptedService, options: StartOptions): RunningCommand {
    const cwd = join(service.path, "..");
    if (this.suite !== inline) return this.start("runsv", [service.name], { cwd, ...options });
    const scan = join(this.root, ".rig", `scan-${service.name}`);
    mkdirSync(scan, { recursive: true });
    const link = join(scan, service.name);
    rmSync(link, { force: true });
    symlinkSync(service.path, link);
    const runsvdir = this.start("runsvdir", ["--orderly", "--stop-timeout", "600", scan], { cwd, ...options });
    const ok = join(service.path, "supervise/ok");
    this.start("perl", [engineWatcher, String(runsvdir.pid), ok, this.#seenEngine(runsvdir)]);
    return runsvdir;
  }

  /** The file by which the watcher of an engine tells that it has seen it. */
  #seenEngine({ pid }: RunningCommand): string {
    return join(this.root, ".rig", `engine-of-${pid}`);
  }

  /** Waits until the condition holds, and returns what it answered. When the limit passes, the error tells everything. */
  async until<T>(
    description: string,
    condition: () => T | Promise<T>,
    limit: number = waitLimit,
  ): Promise<Exclude<T, NotYet>> {
    const answer = await poll(condition, limit);
    if (answer === undefined) throw new Error(`timeout: waited ${limit} ms for ${description}`);
    return answer;
  }

  /** Adds a line to the transcript. */
  note(text: string): void {
    this.#transcript.add(bootMillis(), text);
  }

  /** What happened so far, what was printed, and what lies in the directory: the end of a failure's message. */
  describe(): string {
    return [
      `--- transcript (${this.suite.name}) ---`,
      this.#transcript.render(this.journal.events()),
      ...this.#commands.map((command) => {
        const printed = `${command.stdout()}${command.stderr()}`;
        return printed === ""
          ? ""
          : `--- output of ${command.pid}: ${command.words.join(" ")}\n${printed.slice(-4000)}`;
      }),
      "--- tree ---",
      treeListing(this.root),
    ]
      .filter((part) => part !== "")
      .join("\n");
  }

  /** Ends whatever was started below the rig, and removes its directory. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stage.switchboard.close();
    await removeRigDirectory(this.root);
  }
}
