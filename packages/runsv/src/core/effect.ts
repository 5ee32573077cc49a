import type { SignalName } from "@upkeep/linux/core/signals";

import type { End, Process } from "./moment.ts";
import type { LastExit, ScriptLetter, SlotName } from "./slot.ts";

/** What the parent is told of, see docs/supervise-directory.md. */
export type ReportedEvent = "ready" | "unready" | "exit" | "failed" | "satisfied";

/** What is to be done, in order. */
export type Effect =
  | { readonly kind: "startRun"; readonly slot: SlotName }
  | { readonly kind: "startFinish"; readonly last: LastExit }
  | { readonly kind: "runScript"; readonly letter: ScriptLetter }
  | { readonly kind: "signal"; readonly pid: number; readonly signal: SignalName | number }
  /** Kills `./finish`, and its group where it leads one. */
  | { readonly kind: "killFinish"; readonly process: Process }
  /** Looks which dependencies are not satisfied, and listens to those for changes. */
  | { readonly kind: "checkDependencies" }
  /** Listens no more. */
  | { readonly kind: "forgetDependencies" }
  | { readonly kind: "startCheck" }
  /** Kills `./check` and its group. */
  | { readonly kind: "killCheck"; readonly process: Process }
  /** Tells the parent; `isCritical` when everything is to stop for it. `exit` null: could not be started, or no end. */
  | {
      readonly kind: "report";
      readonly event: ReportedEvent;
      readonly exit: End | null;
      readonly isCritical: boolean;
    }
  | { readonly kind: "checkLeftovers"; readonly slot: SlotName; readonly group: number; readonly orphans: boolean }
  | {
      readonly kind: "signalLeftovers";
      readonly group: number;
      readonly orphans: boolean;
      readonly signal: SignalName;
    }
  | { readonly kind: "warn"; readonly message: string }
  /** Closes both ends of the log pipe, which is the logger's end of input. */
  | { readonly kind: "closeLogPipe" }
  | { readonly kind: "exit" };
