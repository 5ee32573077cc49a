import type { SignalName } from "@upkeep/linux/core/signals";
import type { Exit } from "@upkeep/linux/process/wait";

/** Files that run one after the other. `key`: the one behind --enable-insecure-key. */
export type ScriptSet = "key" | "startup" | "rcLocal" | "preShutdown" | "postShutdown";

/** What my_init starts. */
export type Child =
  | { readonly kind: "script"; readonly path: string }
  /** runsvdir. */
  | { readonly kind: "services" }
  | { readonly kind: "main" };

/** What happened. `at` is in ms of the monotonic clock. */
export type Event = { readonly at: number } & (
  | { readonly kind: "begin" }
  | { readonly kind: "signal"; readonly signal: SignalName }
  /** Children that have been reaped together, adopted orphans among them. */
  | { readonly kind: "exited"; readonly children: readonly EndedChild[] }
  /** runsvdir stops everything because of a critical service. */
  | { readonly kind: "critical" }
  /** Time has passed. */
  | { readonly kind: "tick" }
  | Outcome
);

export interface EndedChild {
  readonly pid: number;
  readonly exit: Exit;
}

/** What came of an effect. */
export type Outcome =
  /** The executable files of a set, by path. */
  | { readonly kind: "listed"; readonly set: ScriptSet; readonly paths: readonly string[] }
  | StartOutcome
  /** Who is still alive, as words for a message. */
  | { readonly kind: "alive"; readonly names: readonly string[]; readonly isReport: boolean };

export type StartOutcome =
  | { readonly kind: "started"; readonly child: Child; readonly pid: number }
  /** `isFork` when no process could be made at all. */
  | { readonly kind: "startFailed"; readonly child: Child; readonly errno: number; readonly isFork: boolean };

/** What is to be done, in order. */
export type Effect =
  /** --quiet leaves `info` out. */
  | { readonly kind: "say"; readonly level: "info" | "warning"; readonly text: string }
  /** Answered by `listed`. */
  | { readonly kind: "list"; readonly set: ScriptSet }
  /** Answered by a {@link StartOutcome}. */
  | { readonly kind: "start"; readonly child: Child }
  /** Take over what the files of the environment directory say by now. */
  | { readonly kind: "reloadEnvironment" }
  | { readonly kind: "signal"; readonly pid: number; readonly signal: SignalName }
  /** To all processes of the container; to our descendants where we are not its process 1. */
  | { readonly kind: "signalAll"; readonly signal: "SIGTERM" | "SIGCONT" | "SIGKILL" }
  /** Find out who is alive. Answered by `alive`. */
  | { readonly kind: "listAlive"; readonly isReport: boolean }
  /** End this process with an exit code. */
  | { readonly kind: "end"; readonly code: number };
