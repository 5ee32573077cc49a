import type { MachineCommand } from "@upkeep/linux/process/process-one";
import type { Exit } from "@upkeep/linux/process/wait";

/** The three scripts that the machine's life consists of, by their names in /etc/runit. */
export type Stage = "1" | "2" | "3";

/** What runit starts. */
export type Script = Stage | "ctrlaltdel";

/** The signals that mean something to runit; in stage 2 only. */
export type StageSignal = "SIGCONT" | "SIGINT" | "SIGPWR" | "SIGALRM";

/** What happened. `at` is in ms of the monotonic clock. */
export type Event = { readonly at: number } & (
  | { readonly kind: "begin"; readonly consoleErrno: number }
  | { readonly kind: "signal"; readonly signal: StageSignal }
  /** A child has been reaped; it need not be one of ours. */
  | { readonly kind: "exited"; readonly pid: number; readonly exit: Exit }
  | Answer
  /** Time has passed. */
  | { readonly kind: "tick" }
);

/** What came of an effect. */
export type Answer =
  | { readonly kind: "started"; readonly script: Script; readonly pid: number }
  /** `isFork` when no process could be made at all. */
  | { readonly kind: "startFailed"; readonly script: Script; readonly errno: number; readonly isFork: boolean }
  | { readonly kind: "stopLooked"; readonly isAsked: boolean }
  | { readonly kind: "ctrlAltDelLooked"; readonly isThere: boolean }
  | { readonly kind: "shutdownRead"; readonly isReboot: boolean; readonly isSynced: boolean }
  | { readonly kind: "refused"; readonly command: MachineCommand; readonly errno: number };

/** What is to be done, in order. */
export type Effect =
  /** One line on the console. */
  | { readonly kind: "say"; readonly text: string }
  /** Answered by `started` or `startFailed`. */
  | { readonly kind: "start"; readonly script: Script; readonly newSession: boolean }
  /** To a process, or to a group when `pid` is negative. */
  | { readonly kind: "signal"; readonly pid: number; readonly signal: "SIGTERM" | "SIGKILL" | "SIGALRM" }
  /** Has somebody asked for the end? The request is taken back. Answered by `stopLooked`. */
  | { readonly kind: "lookForStop" }
  /** Is there a script for ctrl-alt-del? Answered by `ctrlAltDelLooked`. */
  | { readonly kind: "lookForCtrlAltDel" }
  | { readonly kind: "killAll" }
  /** How to end: answered by `shutdownRead`. */
  | { readonly kind: "readShutdown" }
  | { readonly kind: "sync" }
  /** Answered by `refused` when the kernel does not. */
  | { readonly kind: "command"; readonly command: MachineCommand }
  /** End this process with an exit code. */
  | { readonly kind: "end"; readonly code: number };
