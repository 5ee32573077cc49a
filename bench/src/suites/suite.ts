import type { Contender } from "../contender.ts";
import type { Command } from "../trial/timed-command.ts";
import type { Tree } from "../trial/tree.ts";

/** A supervision suite. */
export interface Suite extends Contender {
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
