import type { RunSettings } from "@upkeep/service-directory/core/run-settings";
import type { Command } from "@upkeep/supervise/core/command";

import type { Waiting } from "./dependency-graph.ts";
import type { End, Moment, Process } from "./moment.ts";
import type { SlotName } from "./slot.ts";

/** What happened to a slot. */
export type SlotEvent =
  | { readonly kind: "command"; readonly command: Command }
  | { readonly kind: "exited"; readonly pid: number; readonly exit: End }
  /** The process has written a newline to its notification descriptor. */
  | { readonly kind: "notified"; readonly pid: number }
  /** A service that this one waits for has changed. */
  | { readonly kind: "dependencyChanged" };

/** What came of an effect. */
export type Answer =
  | { readonly kind: "scriptDone"; readonly replacesSignal: boolean }
  | { readonly kind: "runStarted"; readonly process: Process; readonly settings: RunSettings }
  /** `retry` when no process could be made at all; otherwise `./run` cannot be executed. */
  | { readonly kind: "runFailed"; readonly retry: boolean; readonly settings: RunSettings }
  | { readonly kind: "finishStarted"; readonly process: Process }
  /** There is no `./finish`, or it cannot be executed; `retry` as above. */
  | { readonly kind: "finishSkipped"; readonly retry: boolean }
  | { readonly kind: "leftoversChecked"; readonly isAny: boolean }
  | ({ readonly kind: "dependenciesChecked" } & Waiting)
  | { readonly kind: "checkStarted"; readonly process: Process }
  /** `retry` when that may pass; otherwise `./check` cannot be executed. */
  | { readonly kind: "checkFailed"; readonly retry: boolean };

export type Event =
  | ({ readonly slot: SlotName; readonly at: Moment } & (SlotEvent | Answer))
  /** Time has passed, or an adopted process was reaped. */
  | { readonly kind: "tick"; readonly at: Moment };
