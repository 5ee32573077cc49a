import { sortKeys } from "@upkeep/client/core/order";

import { isPossible, mainActions, moreActions } from "../core/page/actions.ts";
import { type Intent, intentOf } from "../core/page/keys.ts";
import { keptRow, type PageService } from "../core/page/rows.ts";
import { narrowQuery, rowHeightOf } from "./row-height.ts";
import type { Store } from "./store.ts";

/** Lets keys do what the help says. */
export function listenToKeys(store: Store): void {
  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (store.dialog.value !== null || store.connection.value.kind === "locked") {
      if (answer(store, event)) event.preventDefault();
      return;
    }
    if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) {
      if (key === "Escape" || key === "Enter") leaveField(store, target, key);
      return;
    }
    // A button or link that has the focus is what Enter and the space bar are for.
    if ((key === "Enter" || key === " ") && target instanceof Element && target.closest("a, button") !== null) return;
    const intent = intentOf(event, store.route.value.kind, store.mayControl.value);
    if (intent !== null && carryOut(store, intent)) event.preventDefault();
  });
}

/** Keys of what lies above the page. */
function answer(store: Store, { key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  const dialog = store.dialog.value;
  if (ctrlKey || metaKey || altKey || dialog === null) return false;
  if (dialog.kind === "question" && (key === "y" || key === "n")) {
    store.dialog.value = null;
    if (key === "y") void store.send(dialog.service, dialog.action);
    return true;
  }
  if (dialog.kind === "bulk" && (key === "y" || key === "n")) {
    store.dialog.value = null;
    if (key === "y") void store.sendAll(dialog.bulk);
    return true;
  }
  if (dialog.kind === "more") {
    const action = moreActions.find((one) => one.key === key);
    if (action === undefined || !isPossible(action, dialog.service.snapshot)) return false;
    store.dialog.value = null;
    store.order(dialog.service, action);
    return true;
  }
  if (dialog.kind === "help" && key === "?") {
    store.dialog.value = null;
    return true;
  }
  return false;
}

function leaveField(store: Store, field: HTMLElement, key: string): void {
  if (key === "Escape") carryOut(store, { kind: "back" });
  field.blur();
}

/** False where there is nothing to do. */
function carryOut(store: Store, intent: Intent): boolean {
  switch (intent.kind) {
    case "move":
      return move(store, intent.by);
    case "open":
      return open(store, selectedOf(store));
    case "back":
      return back(store);
    case "neighbour":
      return open(store, neighbourOf(store, intent.by));
    case "act": {
      const service = store.current.value ?? selectedOf(store);
      const action = mainActions[intent.word];
      if (service === null || !isPossible(action, service.snapshot)) return false;
      store.order(service, action);
      return true;
    }
    case "act on all":
      return store.orderAll(mainActions[intent.word]);
    case "more": {
      const service = store.current.value ?? selectedOf(store);
      if (service !== null) store.dialog.value = { kind: "more", service };
      return service !== null;
    }
    case "search": {
      const field = document.querySelector<HTMLInputElement>(".search input");
      field?.select();
      field?.focus();
      return field !== null;
    }
    case "help":
      store.dialog.value = { kind: "help" };
      return true;
    case "theme":
      store.turnTheme();
      return true;
    case "sort":
    case "reverse":
      return sort(store, intent);
    default:
      return changeLog(store, intent.kind);
  }
}

function changeLog(store: Store, kind: "pause" | "wrap" | "copy" | "download" | "clear"): boolean {
  const log = store.log.value;
  if (log === null) return false;
  const acts = {
    pause: log.togglePause,
    wrap: log.toggleWrap,
    copy: log.copy,
    download: log.download,
    clear: log.clear,
  };
  acts[kind]();
  return true;
}

function selectedOf({ rows, selected }: Store): PageService | null {
  return rows.value.find(({ id }) => id === selected.value) ?? null;
}

function open(store: Store, service: PageService | null): boolean {
  if (service === null) return false;
  store.selected.value = service.id;
  store.open({ kind: "service", id: service.id });
  return true;
}

function neighbourOf({ rows, current }: Store, by: 1 | -1): PageService | null {
  const at = rows.value.findIndex(({ id }) => id === current.value?.id);
  return rows.value[at + by] ?? null;
}

function move(store: Store, by: (Intent & { readonly kind: "move" })["by"]): boolean {
  const rows = store.rows.value;
  const body = document.querySelector(".table .body");
  const rowHeight = rowHeightOf(matchMedia(narrowQuery).matches);
  const page = Math.max(1, Math.floor((body?.clientHeight ?? 0) / rowHeight) - 1);
  const steps = { page, "-page": -page, first: -Infinity, last: Infinity } as const;
  const at = store.selected.value === null ? (by === -1 ? 1 : -1) : keptRow(rows, store.selected.value, 0);
  const wanted = at + (typeof by === "number" ? by : steps[by]);
  const next = rows[Math.max(0, Math.min(rows.length - 1, wanted))];
  if (next !== undefined) store.selected.value = next.id;
  return next !== undefined;
}

function sort({ choice }: Store, intent: Intent): boolean {
  const { key, isReversed } = choice.value.sort;
  if (intent.kind !== "sort") choice.value = { ...choice.value, sort: { key, isReversed: !isReversed } };
  else {
    const next = sortKeys[(sortKeys.indexOf(key) + intent.by + sortKeys.length) % sortKeys.length] ?? "service";
    choice.value = { ...choice.value, sort: { key: next, isReversed: false } };
  }
  return true;
}

/** First forgets what was searched for, then goes to all services. */
function back(store: Store): boolean {
  const log = store.log.value;
  if (log !== null && log.typed.value !== "") log.typed.value = "";
  else if (store.route.value.kind === "service") store.open({ kind: "overview" });
  else if (store.choice.value.typed !== "" || store.choice.value.mood !== null) {
    store.choice.value = { ...store.choice.value, typed: "", mood: null };
  } else store.selected.value = null;
  return true;
}
