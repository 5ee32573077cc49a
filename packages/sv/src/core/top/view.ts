import { stateInAWord } from "@upkeep/client/core/picture";

import { cutTo, fitTo, shown, widthOf } from "../text.ts";
import { layoutOf, selectedRow, shownRows } from "./rows.ts";
import type { LogPane, TopState } from "./state.ts";
import { type Look, type TableLine, tableFor } from "./table.ts";

/** The lines of the screen, as many as it has, no one wider than it. */
export function render(state: TopState, look: Look): readonly string[] {
  const { rows, columns } = state.size;
  const body =
    state.mode.kind === "help" ? help.map((line) => cutTo(line, columns, look.isAscii)) : tableLines(state, look);
  const above = [titleLine(state, look), ...body].slice(0, Math.max(0, rows - 1));
  const blanks = Array.from({ length: Math.max(0, rows - 1 - above.length) }, () => "");
  return [...above, ...blanks, footLine(state, look)];
}

function tableLines(state: TopState, look: Look): readonly string[] {
  const layout = layoutOf(state);
  const table = tableFor(state, look);
  const selected = selectedRow(state) - state.offset;
  const rows = shownRows(state).map((one, index) => drawRow(table.lineOf(one), index === selected, state, look));
  const head = paint(fitTo(table.head, state.size.columns, false, look.isAscii), [bold], look);
  const blanks = Array.from({ length: Math.max(0, layout.table - rows.length) }, () => "");
  const pane = state.log === null || layout.log === 0 ? [] : drawPane(state.log, layout.log, state, look);
  return [head, ...rows, ...blanks, ...pane];
}

function drawRow(
  { before, state: word, after, colour }: TableLine,
  isSelected: boolean,
  { size }: TopState,
  look: Look,
): string {
  const plain = fitTo(before + word + after, size.columns, false, look.isAscii);
  if (isSelected) return paint(plain, [reverse], look);
  const line = plain.trimEnd();
  if (colour === null || !line.startsWith(before + word)) return line;
  return `${before}${paint(word, [colour], look)}${line.slice(before.length + word.length)}`;
}

/** How services are counted in the title, with the colours of ANSI of those that are not as they should be. */
const counted = [
  ["failed", 31],
  ["unknown", 31],
  ["not ready", 33],
  ["down", null],
] as const;

function titleLine(state: TopState, look: Look): string {
  const { services, title, size, filter, trouble } = state;
  const words = services.map(({ snapshot }) => stateInAWord(snapshot));
  const parts: (readonly [string, number | null])[] = counted.flatMap(([word, colour]) => {
    const count = words.filter((one) => one === word).length;
    return count === 0 ? [] : [[`${count} ${word}`, colour] as const];
  });
  const good = words.filter((one) => one === "up" || one === "ready" || one === "done").length;
  const counts = [[`${services.length} services`, null] as const, [`${good} up`, 32] as const, ...parts];
  const line: (readonly [string, number | null])[] = [
    ["sv top", bold],
    ...(trouble === null ? counts : [[shown(trouble), 31] as const]),
    ...(filter === "" ? [] : [[`filter: ${shown(filter)}`, 36] as const]),
    [shown(title), null],
  ];
  return joinCut(line, look.isAscii ? " | " : " · ", size.columns, look);
}

/** Joins parts as far as they fit. */
function joinCut(
  parts: readonly (readonly [string, number | null])[],
  separator: string,
  columns: number,
  look: Look,
): string {
  let room = columns;
  const drawn: string[] = [];
  for (const [text, style] of parts) {
    const before = drawn.length === 0 ? "" : separator;
    if (room <= before.length) break;
    const cut = cutTo(text, room - before.length, look.isAscii);
    room -= before.length + widthOf(cut);
    drawn.push(before + (style === null ? cut : paint(cut, [style], look)));
  }
  return drawn.join("");
}

function drawPane(
  { label, lines, problem, back }: LogPane,
  height: number,
  { size }: TopState,
  look: Look,
): readonly string[] {
  const { isAscii } = look;
  const where = back === 0 ? "follows" : `${back} lines below`;
  const head = `${isAscii ? "--" : "──"} log of ${shown(label)} (${where}) `;
  const cut = cutTo(head, size.columns, isAscii);
  const rule = cut + (isAscii ? "-" : "─").repeat(size.columns - widthOf(cut));
  const end = lines.length - back;
  const text = lines.length === 0 ? [problem ?? ""] : lines.slice(Math.max(0, end - height), end);
  const blanks = Array.from({ length: Math.max(0, height - text.length) }, () => "");
  return [paint(rule, [dim], look), ...text.map((line) => cutTo(line, size.columns, isAscii)), ...blanks];
}

const hints = "u start  d stop  r restart  ! signal  l log  / filter  <> sort  ? help  q quit";

function footLine({ mode, message, filter, size }: TopState, look: Look): string {
  const cut = (text: string): string => cutTo(text, size.columns, look.isAscii);
  switch (mode.kind) {
    case "question":
      return paint(cut(`${mode.order.word} ${shown(mode.order.label)}? y: yes, any other key: no`), [bold, 33], look);
    case "signal":
      return paint(
        cut("signal: t TERM  k KILL  h HUP  i INT  q QUIT  a ALRM  1 USR1  2 USR2  p STOP  c CONT"),
        [bold],
        look,
      );
    case "filter":
      return cut(`filter: ${shown(filter)}_   Enter: keep, Esc: as before`);
    case "help":
      return paint(cut("any key: back"), [dim], look);
    case "table":
      return message === null ? paint(cut(hints), [dim], look) : paint(cut(shown(message)), [bold], look);
    default:
      return mode satisfies never;
  }
}

const help: readonly string[] = [
  "",
  "  Up Down, k j          select a service           g G, Home End   first, last",
  "  PgUp PgDn, Space      page of the table, or of the log where one is shown",
  "",
  "  u                     start        as sv start does",
  "  d                     stop         as sv stop does, after a question",
  "  r                     restart      as sv restart does, after a question",
  "  !                     signal       the next key says which: t, k, h ...",
  "",
  "  l, Enter              log of the service, which follows; again: close it",
  "  /                     only services with this in their name; Esc: all",
  "  < >, Left Right       sort by another column; I: the other way round",
  "",
  "  y                     copy the row, or the log, to the clipboard; Y: the table",
  "  o                     all about the service, or its log, in the pager",
  "  Ctrl-L                draw anew;  Ctrl-Z: suspend;  q, Ctrl-C: quit",
  "",
  "  The mouse is the terminal's: it selects text as ever.",
  "  The same as plain text: sv list --wide, sv show, sv log -f.",
];

const [bold, dim, reverse] = [1, 2, 7] as const;

/** Monochrome terminals have bold and reverse, and nothing else. */
function paint(text: string, styles: readonly number[], { isColoured }: Look): string {
  const known = isColoured ? styles : styles.filter((style) => style === bold || style === reverse);
  return known.length === 0 || text === "" ? text : `\x1b[${known.join(";")}m${text}\x1b[0m`;
}
