import type { SignalName } from "@upkeep/syscalls/signal";

import type { LastExit, Process, ScriptLetter, SlotName } from "./slot.ts";

/** What is to be done, in order. */
export type Effect =
  | { readonly kind: "startRun"; readonly slot: SlotName }
  | { readonly kind: "startFinish"; readonly last: LastExit }
  | { readonly kind: "runScript"; readonly letter: ScriptLetter }
  | { readonly kind: "signal"; readonly pid: number; readonly signal: SignalName }
  /** Kills `./finish`, and its group where it leads one. */
  | { readonly kind: "killFinish"; readonly process: Process }
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
