import { taskOf } from "@upkeep/client/core/commands";
import { sortKeys } from "@upkeep/client/core/order";
import { isQuestioned } from "@upkeep/client/core/question";
import type { Looked } from "@upkeep/client/core/usage";
import { commandLetters, type Command } from "@upkeep/supervise/core/command";

import { follow, openPane, scrollLog } from "./pane.ts";
import { layoutOf, rowsOf, select, selectedRow, stay } from "./rows.ts";
import type { Key, Order, Step, TopEffect, TopState } from "./state.ts";
import { textOfTable } from "./table.ts";

/** What a key does, by the mode. */
export function keyPressed(state: TopState, key: Key): Step {
  const always = anywhere[key];
  if (always !== undefined) return { state, effects: [{ kind: always }] };
  const { mode } = state;
  const back: TopState = { ...state, mode: { kind: "table" } };
  switch (mode.kind) {
    case "table":
      return tableKey(state, key);
    case "help":
      return only(back);
    case "filter":
      return filterKey(state, mode.before, key);
    case "signal":
      return signalKey(back, key);
    case "question":
      return key === "y" || key === "Y" ? send(back, mode.order) : only({ ...back, message: "nothing was done" });
    default:
      return mode satisfies never;
  }
}

const anywhere: Readonly<Record<Key, "quit" | "suspend" | "redraw" | undefined>> = {
  "ctrl-c": "quit",
  "ctrl-z": "suspend",
  "ctrl-l": "redraw",
};

function tableKey(state: TopState, key: Key): Step {
  const move = moves[key];
  if (move !== undefined) return follow(select(state, move(selectedRow(state))));
  const action = actions[key];
  return action === undefined ? only(state) : action(state);
}

/** To which row a key moves. */
const moves: Readonly<Record<Key, ((at: number) => number) | undefined>> = {
  up: (at) => at - 1,
  k: (at) => at - 1,
  down: (at) => at + 1,
  j: (at) => at + 1,
  home: () => 0,
  g: () => 0,
  end: () => Infinity,
  G: () => Infinity,
};

const actions: Readonly<Record<Key, ((state: TopState) => Step) | undefined>> = {
  pageup: (state) => turnPage(state, -1),
  "ctrl-b": (state) => turnPage(state, -1),
  pagedown: (state) => turnPage(state, 1),
  "ctrl-f": (state) => turnPage(state, 1),
  " ": (state) => turnPage(state, 1),
  "<": (state) => sortBy(state, -1),
  left: (state) => sortBy(state, -1),
  ">": (state) => sortBy(state, 1),
  right: (state) => sortBy(state, 1),
  I: (state) => only(stay({ ...state, sort: { ...state.sort, isReversed: !state.sort.isReversed } })),
  "/": (state) => only({ ...state, mode: { kind: "filter", before: state.filter } }),
  "?": (state) => only({ ...state, mode: { kind: "help" } }),
  h: (state) => only({ ...state, mode: { kind: "help" } }),
  l: togglePane,
  enter: togglePane,
  escape: (state) => (state.log === null ? filterBy(state, "") : togglePane(state)),
  u: (state) => ask(state, "start"),
  d: (state) => ask(state, "stop"),
  r: (state) => ask(state, "restart"),
  "!": (state) => (state.selected === null ? only(state) : only({ ...state, mode: { kind: "signal" } })),
  y: (state) => only(state, { kind: "copy", text: copiedText(state) }),
  Y: (state) => only(state, { kind: "copy", text: textOfTable(state, rowsOf(state)) }),
  o: (state) =>
    state.selected === null
      ? only(state)
      : only(state, { kind: "page", label: state.selected, lines: state.log?.lines ?? null }),
  q: (state) => only(state, { kind: "quit" }),
};

/** With a log on the screen, pages are those of the log. */
function turnPage(state: TopState, direction: 1 | -1): Step {
  const { table, log } = layoutOf(state);
  if (log > 0) return only(scrollLog(state, -direction * (log - 1)));
  return follow(select(state, selectedRow(state) + direction * Math.max(1, table - 1)));
}

function sortBy(state: TopState, direction: 1 | -1): Step {
  const at = sortKeys.indexOf(state.sort.key) + direction;
  const key = sortKeys[(at + sortKeys.length) % sortKeys.length] ?? "service";
  return only(stay({ ...state, sort: { key, isReversed: false } }));
}

function togglePane(state: TopState): Step {
  if (state.log !== null) return { state: stay({ ...state, log: null }), effects: [{ kind: "follow", label: null }] };
  if (state.selected === null) return only(state);
  const opened = openPane(state, state.selected);
  return { ...opened, state: stay(opened.state) };
}

function filterKey(state: TopState, before: string, key: Key): Step {
  const { filter } = state;
  if (key === "enter") return only({ ...state, mode: { kind: "table" } });
  if (key === "escape") return filterBy({ ...state, mode: { kind: "table" } }, before);
  if (key === "backspace") return filterBy(state, Array.from(filter).slice(0, -1).join(""));
  return Array.from(key).length === 1 ? filterBy(state, filter + key) : only(state);
}

function filterBy(state: TopState, filter: string): Step {
  return follow(stay({ ...state, filter }));
}

const signalCommands: readonly Command[] = [
  "term",
  "kill",
  "hup",
  "interrupt",
  "quit",
  "alarm",
  "1",
  "2",
  "pause",
  "cont",
];

function signalKey(state: TopState, key: Key): Step {
  const command = signalCommands.find((one) => commandLetters[one] === key);
  return command === undefined ? only({ ...state, message: "nothing was done" }) : ask(state, command);
}

/** Sends the commands of a word of `sv`; where that would end a process, only after a question. */
function ask(state: TopState, word: string): Step {
  const service = selectedService(state);
  const task = taskOf(word, "sv");
  if (service === undefined || task === null || task.kind !== "control") return only(state);
  const order: Order = { word, label: service.snapshot.label, commands: task.commands };
  if (!isQuestioned(task.commands, isRunning(service))) return send(state, order);
  return only({ ...state, mode: { kind: "question", order } });
}

function send(state: TopState, order: Order): Step {
  return only(state, { kind: "send", order });
}

function isRunning({ snapshot: { state } }: Looked): boolean {
  return "record" in state && state.record.pid !== 0;
}

function selectedService(state: TopState): Looked | undefined {
  return rowsOf(state)[selectedRow(state)];
}

/** The log where one is shown, otherwise the selected row. */
function copiedText(state: TopState): string {
  if (state.log !== null) return state.log.lines.map((line) => `${line}\n`).join("");
  const service = selectedService(state);
  return service === undefined ? "" : textOfTable(state, [service]);
}

function only(state: TopState, ...effects: readonly TopEffect[]): Step {
  return { state, effects };
}
