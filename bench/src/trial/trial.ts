import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

import type { Suite } from "../suites.ts";
import { Announcements } from "./announcements.ts";
import { type Command, runTimed, type TimedRun } from "./command.ts";
import { processTree } from "./processes.ts";
import { type Deed, Tree } from "./tree.ts";

/** Longest time, in ms, for anything that is measured. */
const limit = 60_000;

/** A suite with some services, from the files to the last process gone. Disposing of it kills the rest. */
export class Trial implements AsyncDisposable {
  readonly suite: Suite;
  readonly names: readonly string[];
  readonly tree: Tree;
  readonly announcements: Announcements;
  readonly environment: NodeJS.ProcessEnv;
  /** Never fulfilled; rejected when the root is gone. */
  readonly #ended = Promise.withResolvers<never>();
  #root: ChildProcess | undefined;
  #stderr = "";

  /** Prepares the files of so many services; nothing runs yet. */
  constructor(suite: Suite, count: number, deed?: Deed) {
    this.suite = suite;
    this.names = Array.from({ length: count }, (_, index) => `s${String(index).padStart(3, "0")}`);
    this.tree = new Tree(deed);
    this.environment = this.tree.environment(suite.path, { SVDIR: this.tree.scanDirectory });
    suite.layOut(this.tree, this.names);
    this.announcements = new Announcements(this.tree.announce);
    // The end is of interest only while something is waited for.
    this.#ended.promise.catch(() => {});
  }

  /** The same, with all services running. */
  static async running(suite: Suite, count: number): Promise<Trial> {
    const trial = new Trial(suite, count);
    try {
      trial.start();
      await trial.allStarted();
      return trial;
    } catch (error) {
      await trial[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Starts the suite, and returns when it did. */
  start(): number {
    const [file, ...args] = this.suite.supervise(this.tree);
    const at = performance.now();
    // Services inherit the standard error, too: its end tells that all processes are gone.
    this.#root = spawn(file, args, { env: this.environment, stdio: ["ignore", "ignore", "pipe"], detached: true });
    this.#root.on("error", (error) => this.#ended.reject(error));
    this.#root.on("exit", (code, signal) => this.#ended.reject(new Error(`${file} ended with ${code ?? signal}`)));
    this.#root.stderr?.on("data", (chunk: Buffer) => (this.#stderr += chunk.toString()));
    return at;
  }

  /** Kills the root, starts it again, and returns when it did. The services live on. */
  async restartRoot(): Promise<number> {
    const root = this.#root;
    if (root === undefined) throw new Error("not running");
    // Its end is meant.
    root.removeAllListeners("exit");
    const exited = once(root, "exit");
    root.kill("SIGKILL");
    await exited;
    return this.start();
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

  /** All processes of the suite itself, without the services. The first one is the root: the scanner where there is one. */
  supervisors(): readonly number[] {
    if (this.#root?.pid === undefined) throw new Error(`not running: ${this.#stderr}`);
    return processTree(this.#root.pid, new Set(this.announcements.all.map(({ pid }) => pid)));
  }

  /** Runs one of the suite's commands to its end. */
  run(command: Command): Promise<TimedRun> {
    return runTimed(command, this.environment);
  }

  /** Tells the suite to stop everything, and returns how many ms later the last process of all was gone. */
  async stop(): Promise<number> {
    const root = this.#root;
    if (root === undefined) throw new Error("not running");
    const closed = once(root, "close", { signal: AbortSignal.timeout(limit) });
    const at = performance.now();
    root.kill(this.suite.stopSignal);
    await this.#explain(closed);
    const duration = performance.now() - at;
    const left = this.tree.processes();
    if (left.length > 0) throw new Error(`${left.length} processes outlived the shutdown`);
    return duration;
  }

  /** Throws unless each service was started as often as it should have been. */
  verifyStarts(expected: (name: string) => number): void {
    const started = Map.groupBy(this.announcements.all, ({ name }) => name);
    const countOf = (name: string): number => started.get(name)?.length ?? 0;
    const wrong = [...new Set([...this.names, ...started.keys()])].filter((name) => countOf(name) !== expected(name));
    const [first] = wrong;
    if (first === undefined) return;
    const example = `as ${first}: ${countOf(first)}, not ${expected(first)}`;
    throw new Error(`${wrong.length} services with the wrong number of starts, ${example}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.announcements[Symbol.dispose]();
    this.tree[Symbol.dispose]();
    const root = this.#root;
    if (root?.pid !== undefined && root.exitCode === null && root.signalCode === null) await once(root, "exit");
  }

  #whileRunning<T>(work: Promise<T>): Promise<T> {
    return this.#explain(Promise.race([work, this.#ended.promise]));
  }

  async #explain<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      const said = this.#stderr.trim().split("\n").slice(-2).join("; ");
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(said === "" ? message : `${message}: ${said}`, { cause: error });
    }
  }
}
