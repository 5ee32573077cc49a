import type { Looked } from "@upkeep/client/core/usage";

import { memory } from "@upkeep/client/core/amounts";
import { cellsOf, colourOf } from "../list.ts";
import { fitTo, shown, widthOf } from "../text.ts";
import { curve, memorySpan, processorSpan } from "@upkeep/client/core/curve";
import type { SortKey } from "@upkeep/client/core/order";
import type { Past, TopState } from "./state.ts";

/** What the terminal can show. */
export interface Look {
  readonly isColoured: boolean;
  readonly isAscii: boolean;
}

/** A line of the table in three parts, of which the middle one may have a colour of ANSI. */
export interface TableLine {
  readonly before: string;
  readonly state: string;
  readonly after: string;
  readonly colour: number | null;
}

/** The table for a terminal of some width. */
export interface Table {
  readonly head: string;
  lineOf(one: Looked): TableLine;
}

interface Column {
  readonly title: string;
  readonly sort: SortKey | null;
  readonly width: number;
  readonly isRight?: boolean;
}

/** How wide curves are, how many blanks are between columns, and for how much room at least for name and last exit. */
const fits = [
  { curve: 12, gap: 2, rest: 44 },
  { curve: 8, gap: 2, rest: 36 },
  { curve: 4, gap: 1, rest: 24 },
  { curve: 0, gap: 1, rest: 0 },
] as const;

type Fit = (typeof fits)[number];

const widths = { state: 6, want: 4, ready: 6, up: 6, restarts: 4, cpu: 5, memory: 6 } as const;
/** Blanks are between nine columns. */
const gaps = 8;
const leastName = 8;

/** Lays out the table. The columns depend on the names of all services, so that they stay while one scrolls. */
export function tableFor(state: TopState, { isAscii }: Pick<Look, "isAscii">): Table {
  const { size, services, sort, nowSeconds, past } = state;
  const fit = fits.find((one) => restOf(one, size.columns) >= one.rest) ?? fits[3];
  const columns = columnsFor(fit, restOf(fit, size.columns), longestName(services));
  const gap = " ".repeat(fit.gap);
  const cell = (index: number, text: string): string => {
    const { width, isRight = false } = columns[index] ?? { width: 0 };
    return fitTo(text, width, isRight, isAscii);
  };
  const mark = isAscii ? (sort.isReversed ? "^" : "v") : sort.isReversed ? "▲" : "▼";
  const titles = columns.map(({ title, sort: key }) => (key === sort.key ? `${title}${mark}` : title));
  return {
    head: titles.map((title, index) => cell(index, title)).join(gap),
    lineOf: ({ snapshot, use }) => {
      const [label = "", word = "", ...others] = cellsOf(snapshot, nowSeconds).map(shown);
      const before = `${cell(0, label)}${gap}`;
      const colour = colourOf(snapshot);
      if (!("record" in snapshot.state)) return { before, state: word, after: "", colour };
      const drawn = past.get(snapshot.label) ?? { percents: [], bytes: [] };
      const [want = "", ready = "", up = "", restarts = "", exit = ""] = others;
      const uses = [processorCell(use, drawn, fit, isAscii), memoryCell(use, drawn, fit, isAscii)];
      const end = widthOf(exit) > (columns.at(-1)?.width ?? 0) ? exit.replace(/, (\S+) ago$/, " $1") : exit;
      const after = [want, ready, up, restarts, ...uses, end].map((text, index) => cell(index + 2, text));
      return {
        before,
        state: word,
        after: `${" ".repeat(Math.max(0, widths.state - word.length))}${gap}${after.join(gap)}`,
        colour,
      };
    },
  };
}

function restOf({ gap, curve: width }: Fit, columns: number): number {
  const fixed = Object.values(widths).reduce((sum, one) => sum + one, 0);
  return columns - fixed - gaps * gap - (width === 0 ? 0 : 2 * (width + 1));
}

function longestName(services: readonly Looked[]): number {
  return services.reduce((most, { snapshot }) => Math.max(most, widthOf(shown(snapshot.label))), leastName);
}

/** @param rest columns for the name and the last exit together. */
function columnsFor(fit: Fit, rest: number, longest: number): readonly Column[] {
  const name = Math.max(leastName, Math.min(longest, Math.floor(rest * 0.6)));
  const more = fit.curve === 0 ? 0 : fit.curve + 1;
  return [
    { title: "SERVICE", sort: "service", width: name },
    { title: "STATE", sort: "state", width: widths.state },
    { title: "WANT", sort: null, width: widths.want },
    { title: "READY", sort: null, width: widths.ready },
    { title: "FOR", sort: "up", width: widths.up, isRight: true },
    { title: "RST", sort: "restarts", width: widths.restarts, isRight: true },
    { title: " CPU%", sort: "cpu", width: widths.cpu + more },
    { title: "MEMORY", sort: "memory", width: widths.memory + more },
    { title: "LAST EXIT", sort: "exit", width: Math.max(0, rest - name) },
  ];
}

function processorCell(use: Looked["use"], { percents }: Past, fit: Fit, isAscii: boolean): string {
  const value = use?.percent ?? null;
  const text = value === null ? "-" : value < 99.95 ? value.toFixed(1) : value.toFixed(0);
  const drawn = use === null ? "" : curve(percents, fit.curve, processorSpan(percents), isAscii);
  return `${text.padStart(widths.cpu)} ${drawn}`.trimEnd();
}

function memoryCell(use: Looked["use"], { bytes }: Past, fit: Fit, isAscii: boolean): string {
  const text = memory(use?.residentBytes ?? null);
  const drawn = use === null ? "" : curve(bytes, fit.curve, memorySpan(bytes), isAscii);
  return `${text.padStart(widths.memory)} ${drawn}`.trimEnd();
}

/** Rows as plain text with their head, for the clipboard. */
export function textOfTable(state: TopState, rows: readonly Looked[]): string {
  const table = tableFor({ ...state, size: { ...state.size, columns: 1000 } }, { isAscii: false });
  const lines = rows.map((one) => table.lineOf(one)).map(({ before, state: word, after }) => before + word + after);
  return [table.head, ...lines].map((line) => `${line.trimEnd()}\n`).join("");
}
