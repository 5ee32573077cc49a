import type { SignalName } from "@upkeep/linux/core/signals";
import type { Exit } from "@upkeep/linux/process/wait";

/** Files that are run one after the other. `key`: the one behind --enable-insecure-key. */
export type ScriptSet = "key" | "startup" | "rcLocal" | "preShutdown" | "postShutdown";

/** What my_init starts. */
export type Subject =
  | { readonly kind: "script"; readonly path: string }
  /** runsvdir. */
  | { readonly kind: "services" }
  | { readonly kind: "main" };

/** What happened. `at` is in ms of the monotonic clock. */
export type Event = { readonly at: number } & (
  | { readonly kind: "begin" }
  | { readonly kind: "signal"; readonly signal: SignalName }
  /** Children that have been reaped together, adopted ones among them. */
  | { readonly kind: "exited"; readonly children: readonly Ended[] }
  /** runsvdir stops everything because of a critical service. */
  | { readonly kind: "critical" }
  /** Time has passed. */
  | { readonly kind: "tick" }
  | Answer
);

export interface Ended {
  readonly pid: number;
  readonly exit: Exit;
}

/** What came of an effect. */
export type Answer =
  /** The executable ones, by path. */
  | { readonly kind: "listed"; readonly set: ScriptSet; readonly paths: readonly string[] }
  | { readonly kind: "started"; readonly subject: Subject; readonly pid: number }
  /** `isFork` when no process could be made at all. */
  | { readonly kind: "startFailed"; readonly subject: Subject; readonly errno: number; readonly isFork: boolean }
  /** Who is still alive, as words for a message. */
  | { readonly kind: "alive"; readonly names: readonly string[]; readonly isReport: boolean };

/** What is to be done, in order. */
export type Effect =
  /** `info` is what --quiet leaves out. */
  | { readonly kind: "say"; readonly level: "info" | "warning"; readonly text: string }
  /** Answered by `listed`. */
  | { readonly kind: "list"; readonly set: ScriptSet }
  /** Answered by `started` or `startFailed`. */
  | { readonly kind: "start"; readonly subject: Subject }
  /** Take over what the files of the environment directory say by now. */
  | { readonly kind: "reloadEnvironment" }
  | { readonly kind: "signal"; readonly pid: number; readonly signal: SignalName }
  /** To all processes of the container; to our descendants where we are not its process 1. */
  | { readonly kind: "signalAll"; readonly signal: "SIGTERM" | "SIGCONT" | "SIGKILL" }
  /** Answered by `alive`. */
  | { readonly kind: "lookAround"; readonly isReport: boolean }
  /** End this process with an exit code. */
  | { readonly kind: "end"; readonly code: number };
