import { type MakeSubject, makeSubject, type Subject } from "../subject.ts";
import type { Tree } from "../tree/tree.ts";

/** What the keys of a process are translated in. */
export interface Process {
  readonly name: string;
  /** The directory of the file. */
  readonly directory: string;
  readonly shell: string;
  /** Processes of the file by their names, with the services that they become. */
  readonly others: ReadonlyMap<string, readonly string[]>;
  /** Conditions on which other processes wait for this one. */
  readonly awaited: ReadonlySet<string>;
  /** The processes that others wait for until they end. */
  readonly awaitedEnds: ReadonlySet<string>;
}

export type ProcessSubject = Subject<Tree, Process>;

export const subject: MakeSubject<Tree, Process> = makeSubject;

/** Conditions that hold when a process has ended. */
export const endConditions: readonly string[] = ["process_completed", "process_completed_successfully"];
