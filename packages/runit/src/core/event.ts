import type { MachineCommand } from "@upkeep/linux/process/process-one";
import type { Exit } from "@upkeep/linux/process/wait";

/** The three scripts of the machine's life, by their names in /etc/runit. */
export type Stage = "1" | "2" | "3";

/** What runit starts. */
export type Script = Stage | "ctrlaltdel";

/** The signals that runit acts on, in stage 2 only. */
export type StageSignal = "SIGCONT" | "SIGINT" | "SIGPWR" | "SIGALRM";

/** What happened. `at` is in ms of the monotonic clock. */
export type Event = { readonly at: number } & (
  | { readonly kind: "begin"; readonly consoleErrno: number }
  | { readonly kind: "signal"; readonly signal: StageSignal }
  /** A child has been reaped, perhaps an orphan. */
  | { readonly kind: "exited"; readonly pid: number; readonly exit: Exit }
  | Outcome
  /** Time has passed. */
  | { readonly kind: "tick" }
);

/** What came of an effect. */
export type Outcome =
  | StartOutcome
  | { readonly kind: "stopRequestRead"; readonly isAsked: boolean }
  | { readonly kind: "ctrlAltDelFound"; readonly isThere: boolean }
  | { readonly kind: "shutdownRead"; readonly isReboot: boolean; readonly isSynced: boolean }
  | { readonly kind: "refused"; readonly command: MachineCommand; readonly errno: number };

export type StartOutcome =
  | { readonly kind: "started"; readonly script: Script; readonly pid: number }
  /** `isFork` when no process could be made at all. */
  | { readonly kind: "startFailed"; readonly script: Script; readonly errno: number; readonly isFork: boolean };

/** What is to be done, in order. */
export type Effect =
  /** One line on the console. */
  | { readonly kind: "say"; readonly text: string }
  /** Answered by a {@link StartOutcome}. */
  | { readonly kind: "start"; readonly script: Script; readonly newSession: boolean }
  /** To a process, or to a group when `pid` is negative. */
  | { readonly kind: "signal"; readonly pid: number; readonly signal: "SIGTERM" | "SIGKILL" | "SIGALRM" }
  /** Read the request for a stop, and take it back. Answered by `stopRequestRead`. */
  | { readonly kind: "readStopRequest" }
  /** Find out whether there is a script for ctrl-alt-del. Answered by `ctrlAltDelFound`. */
  | { readonly kind: "findCtrlAltDel" }
  | { readonly kind: "killAll" }
  /** Read how to end. Answered by `shutdownRead`. */
  | { readonly kind: "readShutdown" }
  | { readonly kind: "sync" }
  /** Answered by `refused` when the kernel does not obey. */
  | { readonly kind: "command"; readonly command: MachineCommand }
  /** End this process with an exit code. */
  | { readonly kind: "end"; readonly code: number };
