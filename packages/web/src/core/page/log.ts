import type { LogLineJson } from "../api.ts";

/** A line of a log, as the page keeps it. */
export type LogLine = Omit<LogLineJson, "service">;

/** Lines that stay as they are: whoever has drawn a full block need not look at it again. */
export interface LogBlock {
  /** Number of its first line since the log was opened. */
  readonly first: number;
  readonly lines: readonly LogLine[];
}

/** The end of a log, as far as the page has it. */
export interface LogView {
  readonly blocks: readonly LogBlock[];
  /** Lines that came while it was paused; null: it follows. */
  readonly held: readonly LogLine[] | null;
  /** How many lines have come. */
  readonly count: number;
  /** How many of those are not kept any more. */
  readonly dropped: number;
}

const blockLength = 100;
/** So many lines can be scrolled back to. */
export const mostLines = 5000;

export const emptyLog: LogView = { blocks: [], held: null, count: 0, dropped: 0 };

/** Takes lines that have come. */
export function append(log: LogView, lines: readonly LogLine[]): LogView {
  if (log.held === null) return add(log, lines);
  const held = [...log.held, ...lines];
  // Of what came while nobody looked, too, only the end is kept.
  const tooMany = Math.max(0, held.length - mostLines);
  return tooMany === 0 ? { ...log, held } : { ...skip(log, tooMany), held: held.slice(tooMany) };
}

/** Lines are missing, so all that is kept before them goes as well. */
function skip({ count, held }: LogView, missing: number): LogView {
  return { blocks: [], held, count: count + missing, dropped: count + missing };
}

export function pause(log: LogView): LogView {
  return log.held === null ? { ...log, held: [] } : log;
}

/** Follows again, with what has come in between. */
export function resume(log: LogView): LogView {
  return log.held === null ? log : add({ ...log, held: null }, log.held);
}

/** Forgets the lines so far. */
export function clear(log: LogView): LogView {
  return { ...emptyLog, held: log.held === null ? null : [], count: log.count, dropped: log.count };
}

function add(log: LogView, lines: readonly LogLine[]): LogView {
  if (lines.length === 0) return log;
  const last = log.blocks.at(-1);
  const isOpen = last !== undefined && last.lines.length < blockLength;
  const full = isOpen ? log.blocks.slice(0, -1) : log.blocks;
  const rest = isOpen ? [...last.lines, ...lines] : lines;
  const first = isOpen ? last.first : log.count;
  const added = Array.from({ length: Math.ceil(rest.length / blockLength) }, (_, index): LogBlock => {
    const from = index * blockLength;
    return { first: first + from, lines: rest.slice(from, from + blockLength) };
  });
  const count = log.count + lines.length;
  const blocks = [...full, ...added].filter((block) => block.first + block.lines.length > count - mostLines);
  return { ...log, blocks, count, dropped: blocks[0]?.first ?? count };
}

/** The lines that are shown, the oldest first. */
export function linesOf({ blocks }: LogView): readonly LogLine[] {
  return blocks.flatMap(({ lines }) => lines);
}

/** What a filter asks for, made of what somebody typed. */
export interface Filter {
  /** Why it is none: the regular expression is wrong. */
  readonly problem: string | null;
  /** Where it is found in a text, in order and apart; null: nowhere, so the line is not shown. */
  places(text: string): readonly (readonly [from: number, to: number])[] | null;
}

/** Places that are marked in a line at most. */
const mostPlaces = 50;

/** A text, in any case; a regular expression between slashes. An empty one finds everything and marks nothing. */
export function filterOf(typed: string): Filter {
  if (typed === "") return { problem: null, places: () => [] };
  const [, source] = /^\/(.+)\/$/s.exec(typed) ?? [];
  try {
    const pattern = new RegExp(source ?? typed.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`), "giu");
    return { problem: null, places: (text) => placesOf(pattern, text) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error), places: () => [] };
  }
}

/** Counts the lines of blocks that a filter finds, and keeps the counts of full ones. @param show what people read of a line. */
export function hitCounter(filter: Filter, show: (line: string) => string): (blocks: readonly LogBlock[]) => number {
  const known = new WeakMap<LogBlock, number>();
  const countIn = (block: LogBlock): number => {
    const before = known.get(block);
    if (before !== undefined) return before;
    const count = block.lines.filter(({ line }) => filter.places(show(line)) !== null).length;
    known.set(block, count);
    return count;
  };
  return (blocks) => blocks.reduce((sum, block) => sum + countIn(block), 0);
}

function placesOf(pattern: RegExp, text: string): readonly (readonly [number, number])[] | null {
  const places: [number, number][] = [];
  for (const { 0: found, index } of text.matchAll(pattern)) {
    places.push([index, index + found.length]);
    if (places.length === mostPlaces) break;
  }
  return places.length === 0 ? null : places.filter(([from, to]) => to > from);
}

/** A text for the clipboard or a file: a line each, with its time where it has one. */
export function plainText(lines: readonly LogLine[], show: (line: string) => string): string {
  return lines.map(({ time, line }) => `${time === null ? "" : `${time} `}${show(line)}\n`).join("");
}
