import { sortServices } from "@upkeep/client/core/order";
import type { Looked } from "@upkeep/client/core/usage";

import type { TopState } from "./state.ts";

/** The services that match the filter, in the order of the table. */
export function rowsOf({ services, filter, sort }: Pick<TopState, "services" | "filter" | "sort">): readonly Looked[] {
  const wanted = filter.toLowerCase();
  const found = services.filter(({ snapshot: { label } }) => label.toLowerCase().includes(wanted));
  return sortServices(found, sort);
}

/** Lines of the screen: how many rows of the table and lines of the log it has room for. */
export interface Layout {
  readonly table: number;
  /** Without the line above them; 0: there is no pane. */
  readonly log: number;
}

/** Lines for the title, the head of the table and the keys. */
const others = 3;
/** A pane is shown where the table keeps this many rows. */
const leastRows = 3;

export function layoutOf({ size, log }: Pick<TopState, "size" | "log">): Layout {
  const free = Math.max(1, size.rows - others);
  const pane = log === null ? 0 : Math.floor(free / 2);
  return pane < 2 || free - pane < leastRows ? { table: free, log: 0 } : { table: free - pane, log: pane - 1 };
}

/** The rows that are on the screen. */
export function shownRows(state: TopState): readonly Looked[] {
  return rowsOf(state).slice(state.offset, state.offset + layoutOf(state).table);
}

/** Selects a row, by its number, and scrolls so that it is shown. */
export function select(state: TopState, wanted: number): TopState {
  const rows = rowsOf(state);
  const { table } = layoutOf(state);
  const at = Math.max(0, Math.min(rows.length - 1, wanted));
  const latest = Math.max(0, rows.length - table);
  const offset = Math.max(0, Math.min(latest, at, Math.max(state.offset, at - table + 1)));
  return { ...state, selected: rows[at]?.snapshot.label ?? null, offset };
}

/** The number of the selected row; -1: it is none of the rows. */
export function selectedRow(state: TopState): number {
  return rowsOf(state).findIndex(({ snapshot }) => snapshot.label === state.selected);
}

/** Keeps the selected row on the screen, or the one that has come to its place. */
export function stay(state: TopState): TopState {
  const at = selectedRow(state);
  return select(state, at === -1 ? state.offset : at);
}
