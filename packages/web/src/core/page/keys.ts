/** What a key asks for. */
export type Intent =
  | { readonly kind: "move"; readonly by: number | "page" | "-page" | "first" | "last" }
  | { readonly kind: "act"; readonly word: "start" | "stop" | "restart" }
  | { readonly kind: "act on all"; readonly word: "start" | "stop" | "restart" }
  | { readonly kind: "sort"; readonly by: 1 | -1 }
  | { readonly kind: "neighbour"; readonly by: 1 | -1 }
  | {
      readonly kind:
        | "open"
        | "back"
        | "search"
        | "help"
        | "theme"
        | "more"
        | "reverse"
        | "clear"
        | "pause"
        | "wrap"
        | "copy"
        | "download";
    };

/** Where keys mean something. */
export type Place = "overview" | "service";

interface Binding {
  /** As {@link keyName} names them; the first one is shown. */
  readonly keys: readonly string[];
  readonly intent: Intent;
  readonly places: readonly Place[];
  /** For the help; bindings with the same words share a line. */
  readonly words: string;
  /** Only where services may be controlled. */
  readonly isControl?: boolean;
}

const everywhere: readonly Place[] = ["overview", "service"];
const table: readonly Place[] = ["overview"];
const page: readonly Place[] = ["service"];

/** By which something is done to all services that are shown. */
export const bulkKeys = { start: "U", stop: "D", restart: "R" } as const;
const bulkWords = "start, stop, restart all that are shown";

/** All keys, in the order of the help. Those that `sv top` has as well mean the same there. */
export const bindings: readonly Binding[] = [
  { keys: ["j", "ArrowDown"], intent: { kind: "move", by: 1 }, places: table, words: "next, previous service" },
  { keys: ["k", "ArrowUp"], intent: { kind: "move", by: -1 }, places: table, words: "next, previous service" },
  { keys: ["PageDown", "ctrl-f"], intent: { kind: "move", by: "page" }, places: table, words: "a page down, up" },
  { keys: ["PageUp", "ctrl-b"], intent: { kind: "move", by: "-page" }, places: table, words: "a page down, up" },
  { keys: ["g", "Home"], intent: { kind: "move", by: "first" }, places: table, words: "first, last service" },
  { keys: ["G", "End"], intent: { kind: "move", by: "last" }, places: table, words: "first, last service" },
  { keys: ["Enter", "l"], intent: { kind: "open" }, places: table, words: "open the service" },
  { keys: ["<"], intent: { kind: "sort", by: -1 }, places: table, words: "sort by another column" },
  { keys: [">"], intent: { kind: "sort", by: 1 }, places: table, words: "sort by another column" },
  { keys: ["I"], intent: { kind: "reverse" }, places: table, words: "the other way round" },
  { keys: ["/"], intent: { kind: "search" }, places: everywhere, words: "search: in names, or in the log" },
  { keys: ["Escape"], intent: { kind: "back" }, places: everywhere, words: "back; forget the search" },
  { keys: ["["], intent: { kind: "neighbour", by: -1 }, places: page, words: "the service before, after it" },
  { keys: ["]"], intent: { kind: "neighbour", by: 1 }, places: page, words: "the service before, after it" },
  { keys: ["p"], intent: { kind: "pause" }, places: page, words: "log: pause, and follow again" },
  { keys: ["w"], intent: { kind: "wrap" }, places: page, words: "log: wrap long lines" },
  { keys: ["y"], intent: { kind: "copy" }, places: page, words: "log: copy what is shown" },
  { keys: ["D"], intent: { kind: "download" }, places: page, words: "log: download what is shown" },
  { keys: ["c"], intent: { kind: "clear" }, places: page, words: "log: forget the lines so far" },
  { keys: ["u"], intent: { kind: "act", word: "start" }, places: everywhere, words: "start (up)", isControl: true },
  { keys: ["d"], intent: { kind: "act", word: "stop" }, places: everywhere, words: "stop (down)", isControl: true },
  { keys: ["r"], intent: { kind: "act", word: "restart" }, places: everywhere, words: "restart", isControl: true },
  {
    keys: [bulkKeys.start],
    intent: { kind: "act on all", word: "start" },
    places: table,
    words: bulkWords,
    isControl: true,
  },
  {
    keys: [bulkKeys.stop],
    intent: { kind: "act on all", word: "stop" },
    places: table,
    words: bulkWords,
    isControl: true,
  },
  {
    keys: [bulkKeys.restart],
    intent: { kind: "act on all", word: "restart" },
    places: table,
    words: bulkWords,
    isControl: true,
  },
  { keys: ["!"], intent: { kind: "more" }, places: everywhere, words: "signals and more", isControl: true },
  { keys: ["t"], intent: { kind: "theme" }, places: everywhere, words: "dark, light, as the system" },
  { keys: ["?"], intent: { kind: "help" }, places: everywhere, words: "these keys" },
];

/** What the browser tells of a key. */
export interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** What a key asks for; null where it is the browser's own. */
export function intentOf(pressed: Pressed, place: Place, mayControl: boolean): Intent | null {
  const name = keyName(pressed);
  const found = bindings.find(({ keys, places }) => places.includes(place) && keys.includes(name));
  return found === undefined || (found.isControl === true && !mayControl) ? null : found.intent;
}

function keyName({ key, ctrlKey, metaKey, altKey }: Pressed): string {
  if (metaKey || altKey) return "";
  return ctrlKey ? `ctrl-${key}` : key;
}

/** A line of the help: the keys, and what they do. */
export interface HelpLine {
  readonly keys: readonly string[];
  readonly words: string;
}

/** The keys of a place, a line for each thing that they do. */
export function helpFor(place: Place, mayControl: boolean): readonly HelpLine[] {
  const known = bindings.filter(
    ({ places, isControl }) => places.includes(place) && (mayControl || isControl !== true),
  );
  const lines = Map.groupBy(known, ({ words }) => words);
  return [...lines].map(([words, group]) => ({ words, keys: group.map(({ keys: [first = ""] }) => first) }));
}
