import type { Sorting } from "@upkeep/client/core/order";
import type { Looked } from "@upkeep/client/core/usage";
import type { Command } from "@upkeep/supervise/core/command";

/** What a service used at the last looks, the newest one last. */
export interface Past {
  readonly percents: readonly number[];
  readonly bytes: readonly number[];
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The pane with the log of a service. */
export interface LogPane {
  readonly label: string;
  /** As they are shown: harmless, with their time. The oldest one first. */
  readonly lines: readonly string[];
  /** Why there are none. */
  readonly problem: string | null;
  /** How many lines follow below the pane; 0: it goes on with what comes. */
  readonly back: number;
}

/** What is sent to a service, by the word of `sv` that does the same. */
export interface Order {
  readonly word: string;
  readonly label: string;
  readonly commands: readonly Command[];
}

/** What keys mean at the moment. */
export type Mode =
  | { readonly kind: "table" }
  | { readonly kind: "help" }
  /** The filter is being typed; `before` is the one to go back to. */
  | { readonly kind: "filter"; readonly before: string }
  /** The next key names a signal. */
  | { readonly kind: "signal" }
  | { readonly kind: "question"; readonly order: Order };

/** All that is on the screen. */
export interface TopState {
  /** Which services these are, in words. */
  readonly title: string;
  readonly size: Size;
  readonly nowSeconds: number;
  readonly services: readonly Looked[];
  /** Of each service, by its label. */
  readonly past: ReadonlyMap<string, Past>;
  /** Why the services cannot be listed. */
  readonly trouble: string | null;
  readonly sort: Sorting;
  readonly filter: string;
  /** The label of the service that the keys are for; null: there is none. */
  readonly selected: string | null;
  /** How many rows are above the first one that is shown. */
  readonly offset: number;
  readonly mode: Mode;
  readonly log: LogPane | null;
  /** What came of the last key. */
  readonly message: string | null;
}

/** A key: a character, or a name of several letters. */
export type Key = string;

export type TopEvent =
  | { readonly kind: "key"; readonly key: Key }
  | { readonly kind: "resized"; readonly size: Size }
  | {
      readonly kind: "looked";
      readonly nowSeconds: number;
      readonly services: readonly Looked[];
      readonly trouble: string | null;
    }
  /** What came of the log that is followed: further lines, or why there are none. */
  | {
      readonly kind: "logged";
      readonly label: string;
      readonly lines: readonly string[];
      readonly problem: string | null;
    }
  | { readonly kind: "said"; readonly message: string };

export type TopEffect =
  | { readonly kind: "send"; readonly order: Order }
  /** Follow the log of this service; null: of none. */
  | { readonly kind: "follow"; readonly label: string | null }
  /** Give a text to the clipboard of the terminal. */
  | { readonly kind: "copy"; readonly text: string }
  /** Show lines in the pager; null: all that is known of the service. */
  | { readonly kind: "page"; readonly label: string; readonly lines: readonly string[] | null }
  | { readonly kind: "suspend" | "redraw" | "quit" };

export interface Step {
  readonly state: TopState;
  readonly effects: readonly TopEffect[];
}

export function firstState(title: string, size: Size): TopState {
  return {
    title,
    size,
    nowSeconds: 0,
    services: [],
    past: new Map(),
    trouble: null,
    sort: { key: "service", isReversed: false },
    filter: "",
    selected: null,
    offset: 0,
    mode: { kind: "table" },
    log: null,
    message: null,
  };
}
