import { harmless } from "@upkeep/program/core/one-line";
import Anser from "anser";

/** A piece of a line with one look. */
export interface Piece {
  readonly text: string;
  /** Names of classes of the style sheet; none for plain text. */
  readonly classes: readonly string[];
}

/** Commands to a terminal other than changes of colour: OSC, DCS and others up to their end, CSI, and those of one character. */
const others =
  // oxlint-disable-next-line no-control-regex -- escape sequences are what it looks for
  /\x1b(?:[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)|\[[0-?]*[ -/]*(?![0-?]*[ -/]*m)[@-~]|[ -/]+[0-~]|[0-Z\\`-~])/g;

/** A line of a log as pieces with classes for its colours. Nothing in it is obeyed, and what else a terminal would obey is gone. */
export function piecesOf(line: string): readonly Piece[] {
  if (!line.includes("\x1b")) return line === "" ? [] : [{ text: shown(line), classes: [] }];
  const found = Anser.ansiToJson(line.replace(others, ""), { use_classes: true, remove_empty: true });
  const pieces = found.map((one) => ({ text: shown(one.content), classes: classesOf(one) }));
  return pieces.filter(({ text }) => text !== "");
}

/** What people read of a line. */
export function textOf(line: string): string {
  return piecesOf(line)
    .map(({ text }) => text)
    .join("");
}

/** Tabs stay: the page aligns them. */
function shown(text: string): string {
  return text.split("\t").map(harmless).join("\t");
}

/** What the library tells of a piece: it has put text and ground of a reversed one in each other's place. */
interface Look {
  readonly fg: string;
  readonly bg: string;
  readonly fg_truecolor: string;
  readonly bg_truecolor: string;
  readonly decorations: readonly string[];
  readonly isInverted?: boolean;
}

function classesOf({ fg, bg, fg_truecolor, bg_truecolor, decorations, isInverted = false }: Look): readonly string[] {
  // Where a reversed piece has no colours, these two stand for the page's own.
  const text = isInverted && fg === "ansi-black" ? "ground" : colourOf(fg, fg_truecolor);
  const ground = isInverted && bg === "ansi-white" ? "text" : colourOf(bg, bg_truecolor);
  return [
    ...(text === null ? [] : [`fg-${text}`]),
    ...(ground === null ? [] : [`bg-${ground}`]),
    ...decorations.map((one) => `ansi-${one}`),
  ];
}

const names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

/** A number of the 256 colours of terminals; null: the usual one. */
function colourOf(name: string | null, rgb: string | null): string | null {
  if (name === null) return null;
  if (name === "ansi-truecolor") return String(nearest(rgb));
  const [, palette] = /^ansi-palette-(\d+)$/.exec(name) ?? [];
  if (palette !== undefined) return palette;
  const [, bright, word] = /^ansi-(bright-)?([a-z]+)$/.exec(name) ?? [];
  const index = names.findIndex((one) => one === word);
  return index === -1 ? null : String(index + (bright === undefined ? 0 : 8));
}

/** The colour of the cube of 6 x 6 x 6 that is nearest to `R, G, B`. */
function nearest(rgb: string | null): number {
  const [red = 0, green = 0, blue = 0] = (rgb ?? "").split(",").map((part) => Math.round((Number(part) / 255) * 5));
  return 16 + 36 * red + 6 * green + blue;
}

/** Pieces in which the places of a text stand out. @param places `[from, to)`, in order and apart. */
export function markPieces(
  pieces: readonly Piece[],
  places: readonly (readonly [from: number, to: number])[],
): readonly Piece[] {
  if (places.length === 0) return pieces;
  const edges = places.flat();
  let at = 0;
  return pieces.flatMap(({ text, classes }) => {
    const start = at;
    at += text.length;
    const end = at;
    const cuts = [start, ...edges.filter((edge) => edge > start && edge < end), end];
    return cuts.slice(1).map((to, index) => {
      const from = cuts[index] ?? start;
      const isMarked = places.some(([first, last]) => first <= from && to <= last);
      return { text: text.slice(from - start, to - start), classes: isMarked ? [...classes, "hit"] : classes };
    });
  });
}
