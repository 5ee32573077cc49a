import type { SignalName } from "@upkeep/linux/core/signals";
import type { RecordedEnd } from "@upkeep/supervise/core/history";

import type { End, Process } from "./moment.ts";
import type { Placing } from "./placement.ts";
import type { LastExit, ScriptLetter, SlotName } from "./slot.ts";

/** The events that the parent is told of, see docs/supervise-directory.md. */
export type ReportedEvent = "ready" | "unready" | "exit" | "failed" | "satisfied";

/** Which leftovers are meant. */
interface LeftoversOf {
  readonly group: number;
  /** Orphans, too, which became our children. */
  readonly orphans: boolean;
  /** Members of the group are left alone, those that are orphans as well. */
  readonly keepsMembers: boolean;
}

/** What is to be done. */
export type Effect =
  /** `placement` is what to try unless the service directory says. */
  | { readonly kind: "startRun"; readonly slot: SlotName; readonly placement: Placing["next"] }
  | { readonly kind: "startFinish"; readonly last: LastExit }
  | { readonly kind: "runScript"; readonly letter: ScriptLetter }
  | { readonly kind: "signal"; readonly pid: number; readonly signal: SignalName | number }
  /** Kills `./finish`, and its group where it leads one. */
  | { readonly kind: "killFinish"; readonly process: Process }
  /** Finds the dependencies that are not satisfied, and listens to them for changes. */
  | { readonly kind: "checkDependencies" }
  /** Stops listening to dependencies. */
  | { readonly kind: "forgetDependencies" }
  | { readonly kind: "startCheck" }
  /** Kills `./check` and its group. */
  | { readonly kind: "killCheck"; readonly process: Process }
  /** Tells the parent. `isCritical`: everything is to stop. `exit` is null for a failed start, and where nothing ended. */
  | {
      readonly kind: "report";
      readonly event: ReportedEvent;
      readonly exit: End | null;
      readonly isCritical: boolean;
    }
  /** Adds an end of `./run` to the history. `keepsWords`: what it wrote last is kept as well. */
  | { readonly kind: "recordEnd"; readonly slot: SlotName; readonly end: RecordedEnd; readonly keepsWords: boolean }
  /** Finds what a `./run` has left running that exited 0 at once. `run` has the group that it was in at its end. */
  | { readonly kind: "lookBehind"; readonly run: Process }
  | ({ readonly kind: "checkLeftovers"; readonly slot: SlotName } & LeftoversOf)
  | ({ readonly kind: "signalLeftovers"; readonly signal: SignalName } & LeftoversOf)
  | { readonly kind: "warn"; readonly message: string }
  /** Closes our writing end of the log pipe; the logger reads its end of input. */
  | { readonly kind: "closeLogPipe" }
  /** Finds out whether there are lines left in the log pipe. */
  | { readonly kind: "checkLogPipe" }
  | { readonly kind: "exit" };
