import { harmless } from "@upkeep/program/core/one-line";
import stringWidth from "string-width";

import { cutPlain, isPlain, type Ruler } from "./ruler.ts";

/** Text of others, as a terminal may show it. Bytes that are not UTF-8 become a mark. */
export function shown(text: string): string {
  return harmless(text).toWellFormed();
}

/** Columns that a text takes which holds no escape sequences. */
export function widthOf(text: string): number {
  return isPlain(text) ? text.length : stringWidth(text);
}

/** A text of exactly this width: cut, or filled up with blanks. */
export function fitTo(text: string, width: number, isRight: boolean, isAscii: boolean): string {
  return padTo(cutTo(text, width, isAscii), width, isRight);
}

/** A text of at least this width. */
export function padTo(text: string, width: number, isRight = false): string {
  const blanks = " ".repeat(Math.max(0, width - widthOf(text)));
  return isRight ? blanks + text : text + blanks;
}

/** A text of at most this width; a mark shows that it was cut. */
export function cutTo(text: string, width: number, isAscii = false): string {
  const mark = isAscii ? "~" : "…";
  if (isPlain(text)) return cutPlain(text, width, mark);
  if (stringWidth(text) <= width) return text;
  return width <= 0 ? "" : `${beginningOf(text, width - 1)}${mark}`;
}

/** Made when it is needed: that takes a millisecond. */
let characters: Intl.Segmenter | null = null;

/** As many characters as fit, each of them whole. */
function beginningOf(text: string, width: number): string {
  let end = 0;
  let left = width;
  for (const { segment } of (characters ??= new Intl.Segmenter()).segment(text)) {
    left -= widthOf(segment);
    if (left < 0) break;
    end += segment.length;
  }
  return text.slice(0, end);
}

/** For text of all kinds. */
export const ruler: Ruler = { widthOf, padTo, cutTo };
