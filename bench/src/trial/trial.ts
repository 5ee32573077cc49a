import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";

import type { Suite } from "../suites/suite.ts";
import { Announcements } from "./announcements.ts";
import { cleanUp, register } from "./cleanup.ts";
import { marker, markedProcesses, processTree } from "./processes.ts";
import { type Command, runTimed, type TimedRun } from "./timed-command.ts";
import { createTree, type Deed, type Tree, wait } from "./tree.ts";

/** Longest time, in ms, for anything that is measured. */
const limit = 60_000;

/** A suite with some services, from laying out the files to the last process gone. Disposing of it kills the rest. */
export class Trial implements AsyncDisposable {
  readonly suite: Suite;
  readonly tree: Tree;
  readonly names: readonly string[];
  readonly announcements: Announcements;
  readonly environment: NodeJS.ProcessEnv;
  readonly #mark: string;
  /** Never fulfilled; rejected when the root is gone. */
  readonly #ended = Promise.withResolvers<never>();
  #root: ChildProcess | undefined;
  #stderr = "";

  private constructor(suite: Suite, tree: Tree, names: readonly string[], mark: string) {
    this.suite = suite;
    this.tree = tree;
    this.names = names;
    this.announcements = new Announcements(tree.announce);
    this.environment = { PATH: suite.path, SVDIR: tree.scanDirectory, [marker]: mark };
    this.#mark = mark;
    // It is of interest only while something is waited for.
    this.#ended.promise.catch(() => {});
  }

  /** Prepares the files of so many services; nothing runs yet. */
  static async layOut(suite: Suite, count: number, deed: Deed = wait): Promise<Trial> {
    const mark = randomUUID();
    const tree = await createTree(deed);
    register(mark, tree.root);
    const names = Array.from({ length: count }, (_, index) => `s${String(index).padStart(3, "0")}`);
    const trial = new Trial(suite, tree, names, mark);
    await trial.#disposeOnError(suite.layOut(tree, names));
    return trial;
  }

  /** The same, with all services running. */
  static async running(suite: Suite, count: number): Promise<Trial> {
    const trial = await Trial.layOut(suite, count);
    trial.start();
    await trial.#disposeOnError(trial.allStarted());
    return trial;
  }

  /** Starts the suite, and returns when it did. */
  start(): number {
    const { file, args } = this.suite.supervise(this.tree);
    const at = performance.now();
    // Services inherit the standard error, too: its end tells that all processes are gone.
    this.#root = spawn(file, args, { env: this.environment, stdio: ["ignore", "ignore", "pipe"], detached: true });
    this.#root.on("error", (error) => this.#ended.reject(error));
    this.#root.on("exit", (code, signal) => this.#ended.reject(new Error(`${file} ended with ${code ?? signal}`)));
    this.#root.stderr?.on("data", (chunk: Buffer) => (this.#stderr += chunk.toString()));
    return at;
  }

  /** Waits until every service has started, and returns when the last one did. */
  async allStarted(): Promise<number> {
    return await this.announced(this.names.length);
  }

  /** Waits for so many announcements in all, and returns when the last one was. */
  async announced(count: number): Promise<number> {
    return (await this.#whileRunning(this.announcements.reached(count, limit))).at;
  }

  /** Waits for the next start of a service, and returns when it was; to be called before what causes it. */
  nextStart(name: string): Promise<number> {
    const start = this.#whileRunning(this.announcements.next(name, limit)).then(({ at }) => at);
    // When the cause fails, nobody waits for the effect any more.
    start.catch(() => {});
    return start;
  }

  /** Process of a service's latest start. */
  pidOf(name: string): number {
    const pid = this.announcements.all.findLast((announcement) => announcement.name === name)?.pid;
    if (pid === undefined) throw new Error(`${name} was never started`);
    return pid;
  }

  /** The suite's first process: the scanner where there is one. */
  get rootPid(): number {
    if (this.#root?.pid === undefined) throw new Error(`not running: ${this.#stderr}`);
    return this.#root.pid;
  }

  /** All processes of the suite itself, without the services. The first one is the root. */
  supervisors(): readonly number[] {
    return processTree(this.rootPid, new Set(this.announcements.all.map(({ pid }) => pid)));
  }

  /** Runs one of the suite's commands to its end. */
  run(command: Command): Promise<TimedRun> {
    return runTimed(command, this.environment);
  }

  /** Tells the suite to stop everything, and returns how many ms later its last process, and the last service, was gone. */
  async stop(): Promise<number> {
    const root = this.#root;
    if (root === undefined) throw new Error("not running");
    const closed = once(root, "close", { signal: AbortSignal.timeout(limit) });
    const at = performance.now();
    root.kill(this.suite.stopSignal);
    await this.#explain(closed);
    const duration = performance.now() - at;
    const left = markedProcesses(this.#mark);
    if (left.length > 0) throw new Error(`${left.length} processes outlived the shutdown`);
    return duration;
  }

  /** Throws unless each service was started as often as it should have been. */
  verifyStarts(expected: (name: string) => number): void {
    const started = Map.groupBy(this.announcements.all, ({ name }) => name);
    const names = new Set([...this.names, ...started.keys()]);
    const wrong = [...names].filter((name) => (started.get(name)?.length ?? 0) !== expected(name));
    const [first] = wrong;
    if (first === undefined) return;
    const count = started.get(first)?.length ?? 0;
    throw new Error(
      `${wrong.length} services with the wrong number of starts, as ${first}: ${count}, not ${expected(first)}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.announcements[Symbol.dispose]();
    cleanUp(this.#mark);
    const root = this.#root;
    if (root?.pid !== undefined && root.exitCode === null && root.signalCode === null) await once(root, "exit");
  }

  async #disposeOnError(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  #whileRunning<T>(work: Promise<T>): Promise<T> {
    return this.#explain(Promise.race([work, this.#ended.promise]));
  }

  async #explain<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      const said = this.#stderr.trim().split("\n").slice(-2).join("; ");
      throw new Error(`${error instanceof Error ? error.message : String(error)}${said && `: ${said}`}`, {
        cause: error,
      });
    }
  }
}
