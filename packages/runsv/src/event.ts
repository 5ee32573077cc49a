import type { Command } from "@upkeep/supervise/command";
import type { Exit } from "@upkeep/syscalls/wait";

import type { Moment, Process, RunSettings, SlotName } from "./slot.ts";

/** What happened to a slot. */
export type SlotEvent =
  | { readonly kind: "command"; readonly command: Command }
  | { readonly kind: "exited"; readonly pid: number; readonly exit: Exit };

/** What came of an effect. */
export type Answer =
  | { readonly kind: "scriptDone"; readonly replacesSignal: boolean }
  | { readonly kind: "runStarted"; readonly process: Process; readonly settings: RunSettings }
  /** `retry` when no process could be made at all; otherwise `./run` cannot be executed. */
  | { readonly kind: "runFailed"; readonly retry: boolean }
  | { readonly kind: "finishStarted"; readonly process: Process }
  /** There is no `./finish`, or it cannot be executed; `retry` as above. */
  | { readonly kind: "finishSkipped"; readonly retry: boolean }
  | { readonly kind: "leftoversChecked"; readonly isAny: boolean };

export type Event =
  | ({ readonly slot: SlotName; readonly at: Moment } & (SlotEvent | Answer))
  /** Time has passed, or an adopted process was reaped. */
  | { readonly kind: "tick"; readonly at: Moment };
