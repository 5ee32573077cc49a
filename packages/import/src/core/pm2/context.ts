import { type MakeSubject, makeSubject, type Subject } from "../subject.ts";
import type { Tree } from "../tree/tree.ts";

/** What the keys of an app are translated in. */
export interface App {
  /** The directory of the file. */
  readonly directory: string;
}

export type AppSubject = Subject<Tree, App>;

export const subject: MakeSubject<Tree, App> = makeSubject;
