import { type MakeSubject, makeSubject, type Subject } from "../subject.ts";
import type { Tree } from "../tree/tree.ts";

/** What the keys of a service of compose are translated in. */
export interface ComposeService {
  readonly name: string;
  /** The directory of the file. */
  readonly directory: string;
  /** Services of the file that are imported as well. */
  readonly others: ReadonlySet<string>;
  /** Files of variables that could be read, by path. */
  readonly variables: ReadonlyMap<string, string>;
  /** Whether others wait until it has started or is healthy, and not until it has ended. */
  readonly isAwaited: boolean;
  /** The services that others wait for until they end. */
  readonly awaitedEnds: ReadonlySet<string>;
}

export type ComposeSubject = Subject<Tree, ComposeService>;

export const subject: MakeSubject<Tree, ComposeService> = makeSubject;
