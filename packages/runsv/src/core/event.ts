import type { RunSettings } from "@upkeep/service-directory/core/run-settings";
import type { Command } from "@upkeep/supervise/core/command";

import type { Waiting } from "./dependency-graph.ts";
import type { LeftBehind } from "./left-behind.ts";
import type { End, Moment, Process } from "./moment.ts";
import type { Placement } from "@upkeep/supervise/core/state-json";
import type { SlotName } from "./slot.ts";

/** What happens to a slot. */
export type SlotEvent =
  | { readonly kind: "command"; readonly command: Command }
  /** A process of this slot has ended; `group` is its process group then, where that can be another than at its start. */
  | { readonly kind: "exited"; readonly pid: number; readonly exit: End; readonly group?: number | null }
  /** The process has written a newline to its notification descriptor. */
  | { readonly kind: "notified"; readonly pid: number }
  /** A dependency has changed. */
  | { readonly kind: "dependencyChanged" };

/** The answer to an effect. */
export type Answer =
  | { readonly kind: "scriptDone"; readonly replacesSignal: boolean }
  | {
      readonly kind: "runStarted";
      readonly process: Process;
      readonly placement: Placement;
      readonly settings: RunSettings;
    }
  /** `retry`: the system had no process to give. Otherwise `./run` cannot be executed. */
  | { readonly kind: "runFailed"; readonly retry: boolean; readonly settings: RunSettings }
  | { readonly kind: "finishStarted"; readonly process: Process }
  /** There is no `./finish`, or it cannot be executed; `retry` as above. */
  | { readonly kind: "finishSkipped"; readonly retry: boolean }
  | { readonly kind: "leftBehindFound"; readonly found: LeftBehind | null; readonly leadsSession: boolean }
  | { readonly kind: "leftoversChecked"; readonly isAny: boolean }
  | { readonly kind: "logPipeChecked"; readonly hasLines: boolean }
  | ({ readonly kind: "dependenciesChecked" } & Waiting)
  | { readonly kind: "checkStarted"; readonly process: Process }
  /** `retry`: that may pass. Otherwise `./check` cannot be executed. */
  | { readonly kind: "checkFailed"; readonly retry: boolean };

export type Event =
  | ({ readonly slot: SlotName; readonly at: Moment } & (SlotEvent | Answer))
  /** Time has passed, or an orphan was reaped. */
  | { readonly kind: "tick"; readonly at: Moment };
