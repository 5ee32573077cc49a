import type { Command } from "../trial/timed-command.ts";
import type { Tree } from "../trial/tree.ts";

export type SuiteName = "runit" | "standalone" | "node" | "s6" | "supervisord";

/** One of the suites that are measured side by side. */
export interface Suite {
  readonly name: SuiteName;
  readonly title: string;
  /** Absolute paths of the programs that it needs. */
  readonly programs: readonly string[];
  /** The command that makes these available. */
  readonly hint: string;
  /** The Debian package that it comes from. */
  readonly package: string | null;
  /** `PATH` of all that is started. */
  readonly path: string;
  /** Signal by which the root stops all services and ends. */
  readonly stopSignal: NodeJS.Signals;
  /** Writes all that is needed before the start. */
  layOut(tree: Tree, names: readonly string[]): Promise<void>;
  /** Starts the root in the foreground. */
  supervise(tree: Tree): Command;
  /** Prepares one more service out of the suite's sight, and returns what makes it known. */
  prepare(tree: Tree, name: string, environment: NodeJS.ProcessEnv): Promise<() => Promise<void>>;
  /** Restarts a service, and returns when it is running again. */
  restart(tree: Tree, name: string): Command;
  /** Prints one line per service. */
  status(tree: Tree, names: readonly string[]): Command;
  /** What such a line contains when the service runs. */
  readonly runningMark: RegExp;
}
