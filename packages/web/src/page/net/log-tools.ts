import type { Signal } from "@preact/signals";

import type { LogView } from "../../core/page/log.ts";

/** What is shown of a log, and what can be done with it. */
export interface LogTools {
  readonly view: Signal<LogView>;
  readonly typed: Signal<string>;
  readonly wraps: Signal<boolean>;
  readonly hasTimes: Signal<boolean>;
  /** Whether the box is at the end, and stays there when lines come. */
  readonly follows: Signal<boolean>;
  /** Why there are no lines. */
  readonly problem: Signal<string | null>;
  togglePause(): void;
  toggleWrap(): void;
  toggleTimes(): void;
  copy(): void;
  download(): void;
  clear(): void;
}
